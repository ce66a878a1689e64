"""Prices, costs and capacity. Pure: blueprints and loads in, figures with their sources out."""
