// What holds a pod's network namespace while its containers come and go.
module slipway/cluster/build/pause

go 1.26.0
