"""What the store costs: durable answers through the wire, and years of sales."""
