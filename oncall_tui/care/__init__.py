"""What the customer hears: frightening phrases, promises in a text, first words in their language. Pure; data-driven."""
