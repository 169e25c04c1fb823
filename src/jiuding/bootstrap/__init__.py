"""Put the house together."""
