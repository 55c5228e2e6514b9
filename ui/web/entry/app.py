"""The script that Streamlit runs for every visit and every interaction.

It lies in a folder of its own, as Streamlit would take the modules in `pages/` beside it for scripts.
"""

from ui.web.shell import show

show()
