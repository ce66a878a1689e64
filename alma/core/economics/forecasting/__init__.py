"""What will be, from what was: regular series, forecasts tested against the past, thresholds, anomalies, charts.

The one place that knows NumPy; whoever uses it imports it when a forecast is asked for. `outlook` alone is plain.
"""
