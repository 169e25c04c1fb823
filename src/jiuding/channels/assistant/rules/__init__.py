"""The assistant's pure rules: reading a sentence, and what to say about it."""
