package talos

// ForgetSecrets makes the next config get secrets of its own.
func ForgetSecrets() {
	bundles.Lock()
	defer bundles.Unlock()

	clear(bundles.of)
}
