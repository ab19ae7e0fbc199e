"""Charts of a Graph's figures, drawn by matplotlib, which is imported when a chart is drawn and never before."""
