"""Running designs with torch: smoke runs, learning checks, gradient flow, audits and calibration."""
