"""The process that makes pages with pictures: `python -m papers.page_press`."""

from papers.period_pages import make
from papers.press import run

if __name__ == "__main__":
    run(make)
