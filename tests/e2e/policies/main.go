// Asks cyclonus, which is not ours, what NetworkPolicies allow: a JSON object of policies and questions on standard
// input, a list of answers on standard output.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

type question struct {
	From, To matcher.TrafficPeer
	Port     int
	Protocol core.Protocol
}

// What the policies of each side let through.
type answer struct {
	Egress, Ingress bool
}

func main() {
	var asked struct {
		Policies  []*networking.NetworkPolicy
		Questions []question
	}
	input := json.NewDecoder(os.Stdin)
	input.DisallowUnknownFields()
	if err := input.Decode(&asked); err != nil {
		log.Fatal(err)
	}
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	answers := []answer{}
	for _, one := range asked.Questions {
		result := policy.IsTrafficAllowed(&matcher.Traffic{
			Source: &one.From, Destination: &one.To, ResolvedPort: one.Port, Protocol: one.Protocol,
		})
		answers = append(answers, answer{Egress: result.Egress.IsAllowed(), Ingress: result.Ingress.IsAllowed()})
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}
