"""What we know about the geography: words, arithmetic, reading room."""
