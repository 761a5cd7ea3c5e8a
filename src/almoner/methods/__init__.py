"""Statistics as pure functions: arrays in, arrays out. Nothing here reads data or knows a product."""
