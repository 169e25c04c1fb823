"""Honest texts that come near attacks: names, shops, addresses, prices, memos, many languages."""

from __future__ import annotations

from random import Random

_FAMILY = (
    "O'Brien",
    "D'Angelo",
    "O’Neill",
    "Müller",
    "García-López",
    "Nguyễn",
    "Łukasiewicz",
    "van der Berg",
    "McSelect",
    "Union",
    "Dropova",
    "N'Diaye",
    "Al-Masri",
    "欧阳",
    "司马",
    "王",
    "李",
    "张",
    "Null",
)
_GIVEN = (
    "Seán",
    "Zoë",
    "Anne-Marie",
    "Jean-Luc",
    "Björk",
    "娜娜",
    "小明",
    "建国",
    "Ana",
    "Omar",
    "Select",
    "Ole",
)
_SHOP = (
    "Select Hospital",
    "Union Café",
    "C++ Academy",
    "A&B Drop Shop",
    "<3 Flowers",
    "R&D Tools & More",
    "Table 5 Bistro",
    "24/7 便利店",
    "1=1 双倍优惠面包店",
    "Script & Ink Stationery",
    "OnLoad Logistics",
    "O'Select's Bar",
    "Alert Security",
    "=Equal= Yoga",
    "@home 家居",
    "+Plus 药房",
    "-18° 冰淇淋",
    "#1 Barber",
    "100% 棉",
    "Semi;Colon Books",
    "Image Studio",
    "猎枪湾农家乐",
    "水枪玩具店",
    "枪花乐队周边",
    "发票打印机专卖",
    "电话亭咖啡",
    "微信支付在这里用",
    "百家面馆",
    "象牙白漆店",
    "The <Open> Kitchen",
    "Café «Süß»",
    "50% off & free",
    "Node.js Lab",
    "Drop Table Tennis Club",
    "Delete Studio",
    "C# Lessons",
)
_ADDRESS = (
    "Room {n}-{m}, 3/F, No. {n} Zhongshan Rd.",
    "{n}号楼{m}单元{m}0{m}室",
    "#{n}-{m} Orchard Rd",
    "Flat {m}/{n}, 12 St. John's St",
    "上海市浦东新区世纪大道{n}号",
    "c/o M. O'Hara, P.O. Box {n}",
    "Calle 5 #{n}-{m}",
    "北京市海淀区中关村东路{n}号{m}层",
)
_MEMO = (
    "房租 {n} 月份",
    "Rent {n}/{m}, thanks :)",
    "订单 {long} 退款",
    "invoice #{long}",
    "谢谢 🎉🎂",
    "生日快乐❤️",
    "-{m}% 折扣已用",
    "for dinner (3 people) = {n}.50 each",
    "学费 第{m}期",
    "AA {n}.{m}0",
    "Gift <3",
    "车位租金 A-{n}",
    "メロン代",
    "Merci à vous!",
    "спасибо за обед",
    "شكرا",
    "Κάλυμνος trip",
    "合同编号 HT-{long}",
    "电费+水费 {n} 元",
    "工资 {m}月",
    "= split in half",
    "1/2 of the taxi",
    "{n} x {m} kg 苹果",
    "order {n}; sizes S, M & L",
    "see you @ 8",
    "ISBN 978-7-{long}",
)
_REVIEW = (
    "Great select of teas, and the union of flavours is superb!",
    "味道不错，老板人很好，下次再来～",
    "5/5, would order again\nThanks!",
    "图片和实物一致，物流快。\n包装也好。",
    "The script was funny; the cast even better.",
    "性价比高👍👍",
    "Not bad, but the <small> size is tiny.",
    "店里可以用微信付款，很方便",
    "I'd drop by again; table by the window.",
    "电话打不通，希望改进",
    "C'est très bon & pas cher",
)


def text(draw: Random) -> tuple[str, str]:
    """Return a field and an honest text in it."""
    field = draw.choices(("name", "title", "memo", "address", "review"), (25, 20, 30, 15, 10))[0]
    filled = {
        "n": draw.randrange(1, 400),
        "m": draw.randrange(1, 9),
        "long": draw.randrange(10**7, 10**8),
    }
    if field == "name":
        return field, f"{draw.choice(_GIVEN)} {draw.choice(_FAMILY)}"
    if field == "title":
        tail = draw.choice(("", "", " 旗舰店", " Ltd.", " & Sons", f" No. {filled['n']}"))
        return field, draw.choice(_SHOP) + tail
    if field == "review":
        return field, draw.choice(_REVIEW)
    return field, draw.choice(_MEMO if field == "memo" else _ADDRESS).format(**filled)
