"""What do WHOIS servers write? Texts in the forms of the real ones, about invented names and people."""

IR_HEAD = (
    "% This is the IRNIC Whois server v1.6.2.\n"
    "% Available on web at http://whois.nic.ir/\n"
    "% Find the terms and conditions of use on http://www.nic.ir/\n"
    "% \n"
    "% This server uses UTF-8 as the encoding for requests and responses.\n"
    "% NOTE: This output has been filtered.\n"
)
IR_RECORD = (
    "% Information related to 'example.ir'\n"
    "domain:\t\texample.ir\n"
    "ascii:\t\texample.ir\n"
    "remarks:\t(Domain Holder) Invented Person\n"
    "holder-c:\tin123-irnic\n"
    "admin-c:\tin124-irnic\n"
    "tech-c:\t\tin125-irnic\n"
    "bill-c:\t\tin126-irnic\n"
    "nserver:\tns2.example.net\n"
    "nserver:\tns1.example.ir 192.0.2.1\n"
    "last-updated:\t2026-03-01\n"
    "expire-date:\t2027-03-20\n"
    "source:\t\tIRNIC # Filtered\n"
)
IR_PERSON = (
    "nic-hdl:\tin123-irnic\n"
    "person:\t\tInvented Person\n"
    "e-mail:\t\tinvented@example.test\n"
    "nserver:\tns.elsewhere.test\n"
    "expire-date:\t2099-01-01\n"
    "source:\t\tIRNIC # Filtered\n"
)
IR = f"{IR_HEAD}{IR_RECORD}\n{IR_PERSON}\n".encode()
IR_DATELESS = (
    b"% This is the IRNIC Whois server v2.0.0.\n"
    b"% NOTE: This output has been filtered.\n"
    b"% Information related to 'example.ir'\n"
    b"domain:\t\texample.ir\n"
    b"ascii:\t\texample.ir\n"
    b"nserver:\tns1.example.net\n"
    b"source:\t\tIRNIC # Filtered\n"
)
IR_PERSIAN = (
    "% Information related to 'مثال.ایران'\n"
    "domain:\t\tمثال.ایران\n"  # noqa: RUF001 - letters of the trade
    "ascii:\t\txn--mgbh0fb.xn--mgba3a4f16a\n"
    "nserver:\tns1.example.net\n"
    "source:\t\tIRNIC # Filtered\n"
).encode()
IR_FREE = (
    f"{IR_HEAD}% Information related to 'example.ir'\n"
    "%ERROR:101: no entries found\n"
    "% \n"
    "% No entries found in the selected source(s)."
).encode()

COM_RECORD = (
    "   Domain Name: EXAMPLE.COM\r\n"
    "   Registry Domain ID: 1_DOMAIN_COM-VRSN\r\n"
    "   Registrar WHOIS Server: whois.registrar.test\r\n"
    "   Registrar URL: http://registrar.test\r\n"
    "   Updated Date: 2026-08-14T07:01:44Z\r\n"
    "   Creation Date: 1995-08-14T04:00:00Z\r\n"
    "   Registry Expiry Date: 2027-08-13T04:00:00Z\r\n"
    "   Registrar: Invented Registrar, Inc.\r\n"
    "   Registrar IANA ID: 9999\r\n"
    "   Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n"
    "   Domain Status: client delete prohibited\r\n"
    "   Name Server: NS2.EXAMPLE.NET\r\n"
    "   Name Server: NS1.EXAMPLE.NET\r\n"
    "   DNSSEC: unsigned\r\n"
)
COM_TERMS = (
    ">>> Last update of whois database: 2026-11-22T00:00:00Z <<<\r\n"
    "\r\n"
    "NOTICE: The expiration date displayed in this record is the date the registrar's sponsorship is set to expire.\r\n"
    "TERMS OF USE: You are not authorized to query our Whois database by high-volume processes. The registry may\r\n"
    "restrict your access to it. Who exceeded the limit is asked to slow down and to try again later.\r\n"
)
COM = (COM_RECORD + COM_TERMS).encode()
COM_FREE = f'No match for "EXAMPLE.COM".\r\n{COM_TERMS}'.encode()
