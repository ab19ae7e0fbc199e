"""Long work: queued, followed, cancelled and remembered while the pages go on answering. No Streamlit here."""
