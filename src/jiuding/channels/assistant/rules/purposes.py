"""What the money is for: words of purpose, and the contexts in which the same words mean less.

A house that secures a loan, a car dealer who asks for one, a mortgage already being paid and a
purpose denied ("not for a car") are no purposes. Each word has a weight: 3 names a purpose
outright, 2 names a thing bought, 1 is general and gives way to anything more exact.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from jiuding.channels.assistant.types import Kind, Mention

PROHIBITED = frozenset({"securities", "home_deposit"})

_PURPOSES: tuple[tuple[str, int, str], ...] = (
    ("home_deposit", 5,
        r"[凑付交补]{1,2}(?:一?个|点|房子?的?|买房的?)?首付|首付(?:款)?(?:还|就)?(?:不够|差|缺|"
        r"凑)|首付贷|借(?:钱|点钱)?(?:来)?(?:付|做|当|凑|交)首付"
     r"|(?:for|fund|cover|towards?|pay|finance|borrow|need|make|as|with|"
     r"raise)[a-z ]{0,14} (?:the |my |a |our )?(?:house |home |flat |mortgage |property |"
     r"apartment )?(?:down ?payment|deposit)(?: (?:on|for|of) (?:a|the|my|our) (?:new |"
     r"first )?(?:house|home|flat|property|apartment|mortgage|condo))"
     r"|(?:for|fund|cover|finance|borrow|need)[a-z ]{0,12} (?:the |my |a |our )?(?:house|home|"
     r"flat|mortgage|property|apartment) (?:down ?payment|deposit)"
     r"|(?:house|home|flat|property|apartment|condo) (?:down ?payment|deposit)\b(?=[.!?]|$| please)"
     r"|(?:reach|scrape together|come up with|top up) (?:the|my|our) (?:down ?payment|deposit)"),
    ("securities", 5,
        r"炒股|买币|u币|泰达币|狗狗币|买股|股票|基金(?!会)|期货|炒币|比特币|虚拟币|虚拟货币|币圈|"
        r"数字货币|以太坊|"
        r"打新股?|证券|股市|a股|美股|港股|加仓|抄底|补仓|期权|配资|(?:借|贷)[^,.]{0,8}(?:理财|"
        r"投资黄金|炒)|炒(?:黄金|外汇|房|期)|外汇|etf|纳指"
     r"|\b(?:(?:stocks(?! up)|(?:company|tech|penny|a|the|tesla|apple|growth) stock(?! (?:up|for|"
     r"before|of|room|take|level))|stock (?:in|of) (?:tesla|apple|nvidia|amazon|microsoft|"
     r"a company|"
     r"companies)|(?:buy|buying) stock(?=.{0,40}\b(?:invest\w*|broker\w*|dividends?|portfolio|"
     r"trad\w+|go(?:es|ing)? up|exchange|price)\b))|shares|stock market|crypto\w*|bitcoins?|btc|"
     r"ethereum|dogecoin|forex|"
     r"day[- ]?trad\w+|trading account|etfs?|options trading|index funds?|mutual funds?|nasdaq|"
     r"s&p|securities|margin call|nfts?)\b"),
    ("refinance", 4,
        r"转贷|置换(?:一?下|掉)?(?:我?的?)?(?:贷款|房贷|高息|网贷)|(?:还|清|结|平)(?:掉|清|完|"
        r"了)?(?:我?的?|别的|其他|其它|以前的?|之前的?|几张|所有的?)?(?:信用卡|网贷|花呗|借呗|"
        r"旧债|债务|卡债|白条|外债|欠债|贷款)|(?:信用卡|网贷|欠款|卡债|花呗|借呗|欠债|"
        r"债务?)[^.;借买]{0,20}(?:还掉|还清|结清|还完|还了|平掉|填上)|债务(?:重组|整合|优化|合并)|"
        r"以贷还贷|借新还旧|以新还旧|整合(?:成|一?下|到)?.{0,6}(?:债|贷|卡)|(?:花呗|借呗|白条|"
        r"网贷|信用卡|卡债)[^;]{0,12}(?:整合|合并|合成|归到)|(?:债|贷款|信用卡|"
        r"网贷).{0,10}(?:整合|合并|合成|并成)|高息.{0,4}换"
     r"|\b(?:re-?financ\w+|remortgag\w+|consolidat\w+|balance transfer|one (?:cheaper|lower|"
     r"single|new)[a-z -]{0,12} loan|(?:pay(?:ing)? (?:off|down|out)|clear(?:ing)?|settle|roll|"
     r"combine|merge)[a-z ]{0,12} (?:credit )?(?:cards?|debts?|loans?|overdraft|store cards?|"
     r"payday loans?|bnpl)|switch (?:my|our) (?:mortgage|home loan|loan)|(?:pay(?:ing)? (?:off|"
     r"down|out)|clear(?:ing)?|"
     r"settle|wipe(?: out)?|kill|get rid of)[a-z' ]{0,16}(?:visa|mastercard|amex|klarna|afterpay|"
     r"overdraft|credit cards?|cards|payday loans?|debts?))\b"),
    ("insurance", 3, r"保险|保费|车险|寿险|重疾险|\binsurance|\bpremiums?\b"),
    ("wedding", 3,
        r"结婚|娶老婆|嫁女儿|嫁闺女|三金|五金(?=和|,|彩)|婚房布置|接亲|聘礼|办事儿?酒|"
        r"(?:把)婚(?:结|给)|办婚|成亲|订亲|婚礼|彩礼|婚庆|办?酒席|婚宴|嫁妆|婚纱|娶媳妇|"
        r"办喜事|订婚|钻戒|\bweddings?\b|getting married|get married|\bengagement ring|"
        r"\bbridal|\bmarry\b|tie the knot"),
    ("renovation", 3,
        r"厕所|干湿分离|房顶|漏雨|漏水|重新弄一遍|装休|刷房子|铺地板|换窗|换门窗|封阳台|地暖|换屋顶|屋顶(?:漏|"
        r"修)|防水|(?:装|加装)(?:个|部|台)?电梯|(?:院子|房子|屋子?|老宅|老家)[^;]{0,6}翻|翻盖|翻建|改水电|水电改|新房(?:装|弄)|"
        r"(?:重新)?弄(?:一?下)?(?:一?下)?(?:家里|房子|厨房|阳台|院子)|装修|(?:重新|再|把家里?|"
        r"把房子)(?:重新)?装|装修贷|装(?:一遍|新房|房子|个房|一?下房)|"
        r"翻新|翻修|粉刷|刷墙|硬装|软装|改造(?!升级设备)|修(?:房|屋顶|缮)|卫生间|(?:重?做|换|"
        r"新)(?:个|套)?(?:厨房|浴室|阳台)|厨房|精装|毛坯|盖房|建房|自建房|修葺|老房"
     r"|\b(?:re-?novat\w*|re-?fit(?:s|ting|ted)?|fit(?:ting)? out|roof(?:ing)?|remodel\w*|"
     r"home improvements?|refurbish\w*|reno|renos|(?:new |the |"
     r"a |my |our |redo (?:the|my|our) )(?:kitchen|bathroom|roof|loft|patio|deck|boiler|windows|"
     r"ensuite)|kitchen|bathroom|loft conversion|house extension|extension on|re-?roof\w*|"
     r"(?:for|build|an|the|kitchen|rear|side) extension|decking|pergola|new (?:doors?|stairs|"
     r"bath|shower)|damp|rewire|plaster\w*|decorat(?:e|ing)|do up (?:the|my|our)|"
     r"conservatory|solar(?: panels?)?|repaint\w*|do(?:ing)? up (?:the|my|our)|"
     r"fix(?:ing)? up (?:the|my|our)|heat pump|landscap\w+|swimming pool|granny flat|"
     r"insulation|new floors?|flooring|boiler|(?:central )?heating(?: system)?|water heater|"
     r"double glazing|furnace|hvac|air ?con\w*|gutters?|fenc(?:e|ing)|"
     r"driveway|carpets?|plumbing(?! (?:business|company|firm))|re-?wir\w+|windows|garage door|"
     r"garden|home repairs?|house repairs?|basement|attic)\b"),
    ("education", 3,
        r"考[^,.;]{0,4}证|教育贷|教育(?:用|支出|费|(?=[,.;]|$))|(?:子女|孩子)教育|报[^,.;]{0,6}班(?!车)|英语班|舞蹈课?班?|钢琴课|"
        r"补课|上课|"
        r"学费|住宿费|择校|辅导班|"
        r"兴趣班|夏令营|托福|雅思|专升本|成人教育|职业技能|技校|留学|"
        r"读(?:个|完|了)?(?:硕|博|本科|大学|高中|研|书|国际)|硕士|博士|本科|上大学|"
        r"上学|读研|读博|读书|念书|培训|考研|mba|深造|报班|学位|课程|助学|"
        r"学校|进修|补习|考证|研究生|幼儿园|交学|学驾照|考驾照|学车|国外读|出国读"
     r"|\b(?:nursery|day ?care|kindergarten|tutor\w*|schooling|apprenticeship|pilot licen[cs]e|"
     r"flight school|driving lessons|coding camp|qualification|tuition|college|universit\w+|uni|"
     r"school|courses?|master'?s|degree|study(?:ing)?|"
     r"bootcamp|students? loans?|semester|mba|phd|diploma|nursing school|law school|education|"
     r"training|textbooks|exam fees?|certification|studies)\b"),
    ("medical", 3,
        r"轮椅|拐杖|护理床|制氧机|呼吸机|血压计|看病|支架|换膝盖|膝盖|关节|心脏病|换肾|肾病|肝病|胃病|腰椎|颈椎|助听器|治眼睛|"
        r"动个?手术|做个?手术|看牙|种牙|透析|肿瘤|癌|骨折|急诊|救命|生孩子|生娃|坐月子|抢救|"
        r"白内障|微创|整形|假牙|"
        r"配眼镜|开刀|理疗|养老院|手术|医疗|住院|牙|医药费|治病|治疗|医院|体检|做试管|试管婴儿|"
        r"月子|康复|化疗|"
        r"整容|看医生|药费|植发|近视"
     r"|\b(?:fertility|cataract|scans?|mri|wheelchair|stair ?lift|mobility scooter|prosthe\w+|"
     r"rehab|veneers|crown|filling|"
     r"cancer|doctors?|nursing home|dental|dentist|surger\w+|medical|hospital|operation(?! (?:of|"
     r"my))|treatments?|"
     r"braces|vet|ivf|teeth|tooth|implants?|medicine|clinic|chemo\w*|lasik|hearing aids?|hip|"
     r"knee|root canal|orthodon\w+|therapy|physio\w*)\b"),
    ("rent", 3,
        r"房租|租房子|房租押金|押二付一|门面租|季度租|年租|店面租金|付租|交租|租金|押一付[一三]|"
        r"租房(?!贷)|租个房|租套?房|店租|铺租|\brent\b|"
        r"\brental (?:bond|deposit)|\bbond (?:for|on)|\btenancy|\blease deposit|"
        r"moving into a rental"),
    ("travel", 3,
        r"旅游|跟团|自由行|出游|度蜜月|回老家|游学|签证|旅行|度假|出国玩|自驾|机票|蜜月|出去玩|"
        r"环球|去(?:趟|一趟)?(?:欧洲|日本|泰国|三亚|云南|西藏|海南|北京|大理|"
        r"丽江|成都|香港|澳大利亚|澳洲|美国|英国|法国|马尔代夫|新疆|韩国|巴厘岛)(?:玩|旅|度|看|"
        r"转|$|,|一趟)|游轮|朝觐"
     r"|\b(?:(?:see|visit)(?:ing)? (?:my |our |the )?(?:family|parents|relatives|mum|mom|dad|"
     r"grandparents|folks|sister|brother|in-?laws)(?: back| over)? (?:in|abroad|overseas|home)|"
     r"trips?|travel\w*|holidays?(?! (?:pay|from pay))|vacation|flights?|cruise|"
     r"honeymoon|backpacking|safari|airfares?|plane tickets?|pilgrimage|hajj|umrah|gap year)\b"),
    ("agri", 3,
        r"种地|农机具|播种|耕地|打药|无人机打药|种苗|猪崽|猪仔|鸡苗|牛犊|羊羔|仔猪|地租|包地|"
        r"包了?\d*[一二两三四五六七八九十百]*亩|"
        r"浇地|灌溉|养殖|养(?:猪|牛|羊|鸡|鱼|虾|鸭|蜂|蚕)|大棚|化肥|种子|果园|果树|种(?:植|粮|菜|"
        r"果|"
        r"水稻|玉米|小麦|苹果|橙|茶)|鱼塘|拖拉机|收割机|饲料|春耕|秋收|农资|农机|农业|"
        r"承包(?:地|土地|山|田)|苗木|农药|插秧"
     r"|\b(?:(?:fenc\w+|water tank|shed|dam|bore|silo)[a-z ]{0,24} (?:on|for) (?:the|my|our) farm|"
     r"seeds?(?! (?:money|round|capital))|fertili[sz]er|livestock|cattle|crops?|"
     r"harvester|harvest|greenhouses?|tractors?|irrigation|sheep|dairy|cows?|pigs|poultry|"
     r"bal(?:er|ing)|combine harvester|milking|(?:my|our|the) farm|farm (?:loan|equipment|"
     r"machinery|inputs)|orchard|planting|hay baler|calves|goats|"
     r"chickens|farming|beehives)\b"),
    ("inventory", 3,
        r"进货|上货|上(?:点|些|一?批)?(?:新款|新货)|进(?:了)?一?批|囤一?批|拿一?批|压一?批|货宽|铺底货|屯货|屯点货|备(?:点|些|"
        r"一?批)?(?:年货|货)|进(?:一?批|点|些|一?波)?[^,.;]{0,2}(?:货|装(?!修)|新款|面料|药材|"
        r"原料)|备货|"
        r"补货|货补|店里的?货|囤货|压货|铺货|订货|货款|原材料|原料|补货|采购(?!设备|"
        r"机器)|存货|拿货|上新货|年货|一批(?:货|面料|钢材|手机|水果|衣服|服装|酒|茶|海鲜|布料|"
        r"材料)|双十?一.{0,4}货|囤(?:点|一?批)"
     r"|\b(?:inventory|re-?stock(?:ing)?|stock up|(?:buy|more|extra|christmas|holiday|new|"
     r"winter|summer|season\w*|of|purchase|carry|fund|shop|seasonal|for) stock|"
     r"stock (?:up )?(?:the|my|our) (?:shop|store|"
     r"shelves|cafe|bar|warehouse)|stock for (?:the )?"
     r"(?:christmas|easter|summer|winter|season|holidays?|black friday|diwali|eid)|fill (?:the|my|"
     r"our) shelves|"
     r"stock (?:for (?:my|the|our)|before|ahead of)|merchandise|raw materials?|supplies|"
     r"wholesale|goods|supplier invoice|purchase orders?|pre-?order stock|bulk order)\b"),
    ("equipment", 3,
        r"蒸柜|蒸箱|货架|展示柜|消毒柜|保鲜柜|榨汁机|面条机|设备|器械|搅拌机|切割机|铲车|装载机|吊机|冷库|封口机|包装机|烘干机|和面机|豆浆机商用|"
        r"净水机组|锅炉|"
        r"激光机|无人机|3d打印|机器|机床|生产线|烤箱|咖啡机|挖掘机|挖机|叉车|收银机|数控|压面机|"
        r"打印机|冷柜|"
        r"冰柜|制冰机|灶具|模具|起重机|吊车|流水线|焊机|烘焙炉|缝纫机|工程机械|医疗器械|注塑机"
     r"|\b(?:equipment|(?<!washing )machin\w+|ovens?|lathes?|forklifts?|excavators?|diggers?|"
     r"coffee machine|"
     r"espresso|tools?|cnc|printers?|freezers?|fridges?(?= for (?:my|our|the) (?:shop|store|"
     r"cafe|restaurant|bar))|fryers?|welders?|compressors?|cement mixer|presses|press|"
     r"pos system|kilns?|scaffolding|dishwasher for|chairs for (?:my|our|the) salon|"
     r"salon chairs|bulldozer|crane|looms?|servers)\b"),
    ("furniture", 3,
        r"家具|家私|床和|桌椅|书桌|电视柜|鞋柜|窗帘|沙发|衣柜|橱柜|床垫|餐桌|书柜|买张床|茶几|"
        r"全屋定制|\b(?:furniture|furnish\w*|"
        r"sofas?|mattress|couch|wardrobes?|dining table|beds?\b(?!room))\b"),
    ("car", 3,
        r"(?:买|购|换|提|订|置换?)(?:了|个|一?[辆台部]|[十\d两三几]+[辆台部])?[^,.;不借贷]{0,6}"
        r"?车(?!位|库|险|贷)|车贷|购车|新能源车?|电动车|电瓶车|电车|二手车|轿车|suv|摩托车?|(?:电动)?三轮车?|"
        r"货车|面包车|卡车|皮卡|越野车?|房车|商务车|车款|网约车"
     r"|\b(?:buy|get|purchase|new|used|second[- ]?hand|family|electric|my first|a|the|some|"
     r"company|delivery)?\s?(?:car|auto|vehicle|van|truck|motorbike|motorcycle|motor bike|suv|"
     r"ute|pickup|scooter|ev|minivan|hatchback|sedan|campervan|motorhome|"
     r"caravan)s?\b(?! (?:insurance|payment|dealer|dealership|wash|park|rental|hire|"
     r"park(?:ing)?|repair shop|mechanic|tow))"),
    ("car", 2,
        r"车(?!贷|位|库|险|行|间|站|票|主|费|牌|祸|轮|友)|特斯拉|比亚迪|宝马|奔驰|奥迪|丰田|"
        r"本田|大众|哈弗|坦克300|吉利|长安|五菱|宏光|奇瑞|别克|雪佛兰|现代汽车|起亚|马自达|"
        r"沃尔沃|路虎|保时捷|"
        r"雷克萨斯|凯美瑞|卡罗拉|轩逸|朗逸|思域|雅阁|速腾|迈腾|帕萨特|途观|汉兰达|传祺|红旗h|"
        r"小米su7|su7|极氪|零跑|"
        r"深蓝|埃安|领克|捷途|名爵|腾势|凯迪拉克|林肯|英菲尼迪|斯柯达|宝骏|江淮|福特|"
        r"蔚来|理想l\d|小鹏|问界|model\s?[3y]|落地|裸车|\b(?:tesla|toyota|honda|ford|"
        r"bmw|audi|hyundai|kia|mazda|volkswagen|vw|corolla|civic|camry|harley|vespa|yamaha|"
        r"hilux|prius|byd|mercedes|nissan|subaru|jeep|mitsubishi|suzuki|lexus|volvo|skoda|peugeot|"
        r"renault|transmission|tyres?|tires?|gearbox|clutch|car repairs?|fix my car|mot\b|"
        r"fiat|chevy|chevrolet|dodge|gmc|tacoma|f-?150|rav ?4|cr-?v|cx-?5|outback|golf gti|"
        r"fiesta|astra|corsa|outlander|navara|triton|ducati|kawasaki|hot hatch|hybrids?|"
        r"(?:second[- ]hand|used) (?:golf|polo|focus|clio|fiesta|mini|leaf)|coupe|"
        r"convertible|"
        r"wheels for|set of wheels|"
        r"new wheels|tundra|wrangler|cybertruck|polestar|porsche|land rover|range rover)\b"),
    ("home", 3,
        r"买(?:了|个|一?[套间栋])?[^,.;不]{0,6}?(?:房|公寓|别墅|住宅|楼)(?!车)|购房|房贷|按揭|"
        r"首套|二套|小产权|期房|现房|上车盘|买个窝|有个窝|学区房|商品房|二手房|婚房|刚需房|"
        r"换(?:大|个大|套大)?房|置业|买楼|安家"
     r"|\b(?:mortgage|home loan|house loan|(?:buy|buying|purchase|purchasing|get|"
     r"getting)[a-z0-9$£€,. -]{0,18}(?:house|home|flat|apartment|condo|property|townhouse|unit|"
     r"villa|duplex|cottage|bungalow|studio)|"
        r"(?:buy|buying|purchase|get|getting) (?:a|our|my|this|the) (?:first )?(?:place|pad|digs|"
        r"two[- ]bed|three[- ]bed|one[- ]bed|starter)|first home|first house|home of (?:my|"
        r"our) own|"
        r"investment property|home buyer|"
     r"homebuyer)\b"),
    ("home", 1,
        r"(?:总价|首付)(?=.*(?:首付|总价))|(?<![厂库机药健身客书病平租])房(?=吗|$|,|的|,|首付|"
        r"总价|我|要|还差|差|付)|房价|楼价|房款|车位|房子|房屋|新房|"
        r"公寓|别墅|住宅|房产|"
        r"楼房|小户型|两居|三居|一居|\b(?:house|(?<!take )(?<!taking )(?<!bring )(?<!brings )ho"
        r"me(?! (?:appliances?|equity|office|gym|cinema|theat))|flat(?! rate)|apartment|condo|"
        r"property|townhouse|bungalow|cottage|duplex|villa)\b"),
    ("consumption", 2,
        r"消费贷?|手机|电脑|笔记本|家电|电器|购物|买东西|相机|iphone|"
        r"苹果[\d一二两三四五六七八九十]+|生活费|"
        r"日常(?:开[支销])?|耳机|音响|吉他|钢琴|投影仪|热水器|化妆品|包包|显卡|手表|自行车|单车|"
        r"无人飞机|"
        r"随礼|份子钱|过节|办生日|奶粉|冰箱|电视|洗衣机|空调|健身卡|过年|买包|美容|平板|游戏机|"
        r"家用|办年货"
     r"|\b(?:boats?|jet ?ski|hot tub|drone|speakers|console|xbox|handbag|presents|gifts|school "
     r"uniforms?|pram|cot|dryer|dishwasher|vacuum|headphones|clothes|funeral|moving (?:costs|"
     r"house)|"
     r"divorce|lawyer|legal fees|adoption|laptops?|phones?|iphone|computers?|pc|tv|television|"
     r"appliances?|gadgets?|shopping|"
     r"christmas|groceries|washing machine|fridge|camera|everyday expenses|living expenses|"
     r"household (?:bills|expenses|goods)|bills|playstation|gaming|piano|guitar|bike|bicycle|"
     r"e-?bike|jewell?ery|birthday|consumer (?:loan|credit|goods)|home appliances?|treadmill|"
     r"watch|macbook|ipad)\b"),
    ("working_capital", 4,
        r"货款[^,.;]{0,3}(?:压|没回|没结|收不|没收|未回|拖)|(?:账上|资金|钱)(?:都)?(?:转不[动开]|周转不)|"
        r"\b(?:cash is tied up|waiting (?:on|for) (?:invoices|customers to pay))\b"),
    ("working_capital", 3,
        r"\b(?:food truck|market stall|laundromat|car wash business|pop-?up shop)\b|流动资金|"
        r"付不出|给工人(?:发|结|开)|工人工资|员工工资|交货款|结账期|账期|押款|盘(?:下|"
        r"过来)?(?:一?[家个间])?[^,.;]{0,4}(?:店|铺|馆)|"
        r"扩(?:大|个|一?下)?(?:店面|门面|铺面|店铺)|扩建|扩厂|门面转让|转让费|接手(?:一?[家个间])?[^,.;]{0,5}店|做(?:电商|直播|外贸|餐饮|"
        r"批发)|开网店|开直播|发工资(?!就|了|后|再|那|还)|发薪|"
        r"开(?!车|了|着)(?:一?[家个间])?[^,.;不]{0,8}?(?:店|馆|"
        r"铺|厅|吧|厂|公司|"
        r"民宿|工作室|超市|诊所)(?!面|的(?:[,.;]|$|人|老板))|创业|经营贷|资金链|加盟|盘(?:个|下)?店|垫资|运营资金|"
        r"扩大(?:经营|规模|店面)|开分店|付员工|经营周转|做(?:点|些)?(?:小)?(?:生意|买卖)|摆摊|"
        r"接(?:了)?(?:个)?(?:大)?(?:订单|工程)|(?:公司|生意|店里|厂里|资金)[^,.]{0,4}周转"
     r"|\b(?:working capital|cash ?-?flow|payroll|(?:open(?:ing)?|start(?:ing)?|launch(?:ing)?|"
     r"set(?:ting)? up|grow(?:ing)?|expand(?:ing)?)[a-z ']{0,24}(?:shops?|cafe|café|"
     r"coffee shop|restaurant|store|bakery|salon|business|branch|franchise|company|food truck|"
     r"bar|gym|studio|startup|stall|clinic|practice|location|market stall)|business loan|"
     r"operating (?:costs|expenses|capital)|wages|startup costs|pay (?:my )?(?:staff|suppliers|"
     r"employees)|bridge (?:the )?(?:gap|invoices)|seed money|buy(?:ing)? out (?:my|our) partner|"
     r"tak(?:e|ing) over (?:the |a |an |my |our )[a-z ]{0,20}(?:lease|shop|business|cafe|"
     r"restaurant|pub|salon|"
     r"practice|store)|lease (?:a|the) (?:shop|"
     r"unit|premises)|marketing|tax bill|vat bill|bas bill|start-?up|business expansion|"
     r"(?:cover|bridge)[a-z ]{0,14}invoices)\b"),
    ("working_capital", 1,
        r"厂房|周转|经营|生意|企业贷|店里用|小微贷|公司用|厂里用|\b(?:my|our|the|"
        r"small)(?: [a-z]+){0,2} "
        r"business\b|\bbusiness loans?\b"),
)  # fmt: skip
_COMPILED = tuple((name, weight, re.compile(pattern)) for name, weight, pattern in _PURPOSES)

_DENIED = re.compile(
    r"(?:(?<![特分个区性])别(?:再|去)?|不是|不买|并非|别买|不打算|不想|不为|而不是|不用于|不用来|"
    r"不去|不是要|没说|不要)(?:要|"
    r"想|用来|拿去|为了|去|买)?[^,.;\s]{0,3}$"
    r"|\b(?:not|isn't|not for|rather than|instead of|no longer|never|"
    r"don't want)\s+(?:it's )?(?:for |to buy |buying |going to )?(?:a |the |my |any )?(?:new )?$"
)
_HELD_BEFORE = re.compile(
    r"(?:抵押|押|质押|名下有?|拿|用|有(?:一?[套辆台个])?|凭|以)(?:我?的?|自己的?|一?[套辆台]|"
    r"家里的?|老家的?)?$"
    r"|(?:against|secured? (?:on|by|against)|as security|using|put up|own(?:s)?|"
    r"collateral(?:ise)?|with|equity in|lien on)\s+(?:my |our |the |a |his |her )?$"
)
_HELD_AFTER = re.compile(
    r"(?:产)?(?:来|去|做|作|可以|能|当)?(?:为)?(?:抵押|押|质押)|(?:产|屋|子)?(?:作|"
    r"做)(?:为)?担保|本(?:儿)?(?:抵押|押)|\s*(?:as|for) (?:collateral|security)|'s equity|"
    r"\s+equity|\s+title"
)
_OWED_BEFORE = re.compile(
    r"(?:每个?月(?:要|得|都|还)*(?:还|供|有|付)?|还着|在还|背着|已经有|另外有|现有的?|已有的?|"
    r"还有|目前有|名下有)(?:个|一?笔|的)?$"
    r"|(?:pay(?:ing)?|payments?|repayments?|spend(?:ing)?|already)[^,;]{0,20}(?:on|for|towards|"
    r"of|with)\s+(?:my |the |our |an? )?(?:existing |current |other )?$|month (?:on|for|"
    r"towards)\s+(?:my |the |our )(?:existing |current |other )?$"
    r"|(?:existing|other|have(?: already)? an?|have got an?|i've got an?|already (?:have|"
    r"got) (?:an?|"
    r"my|our))\s+$"
)
_OWED_AFTER = re.compile(
    r"(?:每个?月|月供|月还|要还|还\s?[\d一二两三四五六七八九]|每期|还着|在还|还没还|没还清|压力)"
    r"|\s*(?:payments?|repayments?|(?:is|are|at) \W?\d|costs?|takes?|already)\b"
)
_WANTED = re.compile(r"(?:贷|办|申请|想要?|want|need|get|apply for)[^,;]{0,10}$")
_DEBT_WORDS = re.compile(r"^(?:房贷|车贷|按揭|mortgage|home loan|car loan|house loan)$")
_TRADE_AFTER = re.compile(
    r"(?:公司|行(?!情|业|程|驶|吗|不|么|吧|嘛)|厂|店(?!面)|铺|企业|工作室|司机|师傅|老板|"
    r"户(?!型)|城|商|队|4s|平台)|\s+(?:company|business|firm|contractor|agency|dealer\w*|"
    r"studio|supplier|salesman|driver)\b"
)


def purposes_in(norm: str) -> list[Mention]:
    """Return the purposes from left to right, none overlapping; `label` names each."""
    found: list[Mention] = []
    for name, weight, pattern in _COMPILED:
        for match in pattern.finditer(norm):
            mention = Mention(
                Kind.PURPOSE, match.start(), match.end(), Decimal(0), label=name, strength=weight
            )
            if match.end() == match.start() or _means_less(norm, mention):
                continue
            found.append(replace(mention, role="owed") if _is_owed(norm, mention) else mention)
    found.sort(key=lambda m: (-m.strength, -(m.end - m.start), m.start))
    kept: list[Mention] = []
    for mention in found:
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)


def _means_less(norm: str, mention: Mention) -> bool:
    before, after = norm[max(0, mention.start - 24) : mention.start], norm[mention.end :]
    word = norm[mention.start : mention.end].strip()
    if _DENIED.search(before):
        return True
    if mention.label in ("home", "car"):
        if _HELD_AFTER.match(after) or re.search(r"(?:抵押|质押|押)$", before):
            return True
        if (
            mention.strength < 3
            and _HELD_BEFORE.search(before)
            and not re.match(r"\s*(?:for|costs?|at|\d)", after)
        ):
            return True
        if _TRADE_AFTER.match(after) and not word.startswith(("买", "购", "换")):
            return True
    is_thing = mention.strength <= 3 and mention.label != "working_capital"
    return is_thing and _TRADE_AFTER.match(after) is not None


def _is_owed(norm: str, mention: Mention) -> bool:
    """Tell whether a mortgage or car loan is one being paid already, and no purpose."""
    before, after = norm[max(0, mention.start - 24) : mention.start], norm[mention.end :]
    if not _DEBT_WORDS.match(norm[mention.start : mention.end].strip()):
        return False
    if _OWED_BEFORE.search(before):
        return True
    return bool(_OWED_AFTER.match(after)) and not _WANTED.search(before)


def main_purpose(mentions: list[Mention]) -> Mention | None:
    """Return the weightiest purpose, the first of equals."""
    return max(mentions, key=lambda mention: (mention.strength, -mention.start), default=None)
