//! CMS signatures, X.509 certificates, PKCS#12
