"""The explorer, a Streamlit app to design with. It uses the public names of archspec only."""
