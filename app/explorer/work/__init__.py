"""Jobs of minutes: queued, run, cancelled and kept while the pages go on answering. Only session.py knows Streamlit."""
