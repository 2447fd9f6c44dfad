"""What the simulated models answer: texts, content blocks, and kits of ready-made result lines."""
