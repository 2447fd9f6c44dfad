"""What the program promises about speed and memory, measured side by side."""
