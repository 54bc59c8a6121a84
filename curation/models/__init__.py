"""Models fitted on a user's own texts, and the measures that ask them."""
