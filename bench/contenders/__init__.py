"""The contenders: thin adapters between the twins and the harness's protocol, and the registry that lists them."""
