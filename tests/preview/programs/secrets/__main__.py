"""Does everything with its secrets that a program may do, and some things that it should not."""

import base64
import hashlib
import json
import os
import sys
from typing import Any
from urllib.parse import quote

import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# The right way: Pulumi keeps the secret a secret.
token = config.require_secret("apiToken")
database: pulumi.Output[Any] = config.require_secret_object("database")
digest = token.apply(lambda text: hashlib.sha256(text.encode()).hexdigest()[:8])
namespace = k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
secret = k8s.core.v1.Secret(
    "versioned",
    metadata={"name": digest.apply(lambda text: f"versioned-{text}"), "namespace": "shop"},
    string_data={"token": token, "password": database["password"]},
)
k8s.core.v1.Secret(
    "encoded", metadata={"name": "encoded", "namespace": "shop"}, data={"token": token.apply(encoded), "fixed": "eA=="}
)
k8s.core.v1.ConfigMap(
    "derived",
    metadata={"name": "derived", "namespace": "shop", "annotations": {"example.com/token": token}},
    data={"url": pulumi.Output.concat("https://", token, "@example.com"), "host": database["host"]},
)
pulumi.export("token", token)
pulumi.export("nested", {"list": [token], "database": database})
pulumi.export("name", secret.metadata.name)
pulumi.export("pin", config.require_secret_int("pin"))

# The wrong way: the secret is taken as plain text.
if "PLAIN" in os.environ:
    plain = config.require("apiToken")
    settings: Any = config.require_object("database")
    password: str = settings["password"]
    for number, text in enumerate((plain, password)):
        k8s.core.v1.ConfigMap(
            f"plain-{number}-{text}",
            metadata={"name": f"plain-{number}", "namespace": "shop", "annotations": {text: "as a key"}},
            data={
                "plain": text,
                "json": json.dumps({"value": text}),
                "python": repr([text]),
                "url": f"https://{quote(text, safe='')}@example.com",
                "basic": encoded(f"user:{text}"),
                "basic2": encoded(f"me:{text}:more"),
                "lines": f"one\n  {text}\ntwo",
            },
        )
        pulumi.export(f"plain-{number}", {"text": text, text: "as a key"})
        pulumi.log.info(f"logging in as {text}")
        pulumi.log.warn(f"the word is {encoded(text)}")
        print(f"printed {text}", json.dumps(text))  # noqa: T201
        print(f"complained {text!r}", file=sys.stderr)  # noqa: T201
    k8s.apiextensions.CustomResource(
        "number",
        api_version="example.com/v1",
        kind="Lock",
        metadata={"name": "lock", "namespace": "shop"},
        spec={"pin": config.require_int("pin")},
    )
made = pulumi.Output.secret("made-in-the-program")
pulumi.export("made", made)
print("made-in-the-program")  # noqa: T201
if "FAIL" in os.environ:
    raise ValueError(
        f"cannot log in with {config.require('apiToken')} and {config.require_object('database')['password']!r}"
    )
