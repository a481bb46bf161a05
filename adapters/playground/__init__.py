"""The platform in the browser: no account, no network, the embedded default."""
