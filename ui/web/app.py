"""The script that Streamlit runs for every visit and every interaction."""

from ui.web.shell import show

show()
