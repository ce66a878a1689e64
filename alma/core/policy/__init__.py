"""Rules over blueprints: the facts they are asked about, their evaluation, waivers, controls and the score."""
