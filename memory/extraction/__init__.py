"""From text to triplets: by rules, or by a language model."""
