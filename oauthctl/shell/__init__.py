"""The world outside: network, clock, randomness, browser, the loopback listener and the driver."""
