"""The environments: `<stack>.py` says what one is made of, `Pulumi.<stack>.yaml` what it is told."""
