"""A certificate authority and one certificate for the names in argv[2:], written into the folder argv[1]."""

import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder, names = sys.argv[1], sys.argv[2:]


def certificate(common_name, issuer_key, key, extensions, issuer="openlit-instrument test CA of one run"):
    # Valid whatever the clock says.
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2119, 1, 1))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def usage(**true):
    fields = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    fields = (fields + " crl_sign encipher_only decipher_only").split()
    return x509.KeyUsage(**{name: name in true for name in fields})


authority = ec.generate_private_key(ec.SECP256R1())
server = ec.generate_private_key(ec.SECP256R1())
identifier = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
root = certificate(
    "openlit-instrument test CA of one run",
    authority,
    authority,
    [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (usage(key_cert_sign=True, crl_sign=True), True),
        (identifier, False),
    ],
)
leaf = certificate(
    "replayed providers",
    authority,
    server,
    [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False),
        (x509.SubjectKeyIdentifier.from_public_key(server.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ],
)
pem = serialization.Encoding.PEM
with open(folder + "/ca.pem", "wb") as file:
    file.write(root.public_bytes(pem))
with open(folder + "/server.pem", "wb") as file:
    file.write(leaf.public_bytes(pem))
with open(folder + "/server.key", "wb") as file:
    file.write(server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
