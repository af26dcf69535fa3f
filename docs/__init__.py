"""The pages that are drawn from the product itself: `docs/rules.py` writes `docs/rules.md`, and so on. `make docs`."""
