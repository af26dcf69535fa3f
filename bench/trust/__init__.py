"""The long sweeps: hours of bad luck in minutes. `make bench-trust` runs all parts and keeps their figures in docs/trust.md."""
