"""From the API's answers to what people read: pure functions from data to renderables, so that tests can read them."""
