"""Skills by specialty and place, in numbers that give nobody away."""
