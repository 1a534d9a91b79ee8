"""The rules of examples/go-ocr/checkdigit: whether the last digit of a waybill's number is the right one, by its length."""


def dhl_express(digits):
    return int(digits) % 7


def air_waybill(digits):
    return int(digits[3:]) % 7


def fedex_express(digits):
    return sum(int(digit) * weight for digit, weight in zip(digits, (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1))) % 11 % 10


RULES = {10: ("dhl-express", dhl_express), 11: ("air-waybill", air_waybill), 12: ("fedex-express", fedex_express)}


def check(number):
    if len(number) not in RULES:
        return {"status": "unchecked"}
    name, last = RULES[len(number)]
    expected = str(last(number[:-1]))
    if expected == number[-1]:
        return {"rule": name, "status": "valid"}
    return {"rule": name, "status": "invalid", "expected": expected}
