"""Language models: endpoints, prompts, replies, recorded calls."""
