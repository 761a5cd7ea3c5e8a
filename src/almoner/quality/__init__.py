"""The review of data quality: how good what suppliers send is, delivery by delivery, and what they should put right.

It holds counts. It never meets the gate, never opens a file of the lake, and no value of a row gets into a report.
"""
