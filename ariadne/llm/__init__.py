"""Language models: endpoints, prompts, replies and the log of calls."""
