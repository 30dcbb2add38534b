"""The environments: `<stack>.py` composes one, `Pulumi.<stack>.yaml` configures it."""
