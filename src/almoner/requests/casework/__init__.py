"""Cases: freedom of information, environmental information, the rights of data subjects, complaints about them."""
