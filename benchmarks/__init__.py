"""Speed, memory and accuracy, measured on made-up cities and compared with the truth about them."""
