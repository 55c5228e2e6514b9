"""The web pages, on Streamlit. They show and ask; what they call works without them."""
