"""Runs inside Python programs. `watch` is loaded at every start and must stay tiny; the rest at the first LLM import."""
