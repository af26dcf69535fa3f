"""The process that makes workbooks: `python -m papers.book_press`."""

from papers.period_book import make
from papers.press import run

if __name__ == "__main__":
    run(make)
