"""The panel of datasets: their items, figures and versions."""
