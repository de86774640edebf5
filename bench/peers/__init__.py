"""What others would build: plain, honest versions of the same thing, measured beside ours."""
