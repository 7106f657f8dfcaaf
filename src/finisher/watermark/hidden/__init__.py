"""Hidden marks read without any network: numpy and OpenCV are all they take."""
