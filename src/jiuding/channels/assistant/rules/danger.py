"""What is never done: instructions to the machine, lies, other people's things; and crisis.

`POLICIES` names the rule that a sentence runs against, `INJECTION` finds instructions aimed at the
assistant itself, `CRISIS` words of a person in danger, `GAMBLING` uses that no credit may fund.
"""

from __future__ import annotations

import re

_INJECTION = (
    r"(?:忘(?:记|掉|了)|忽略|无视|不管|跳过|绕过|抛开|不要理会?|放弃|清除|"
    r"覆盖)[^,.;]{0,10}(?:指令|规则|规定|设定|提示|政策|限制|审核|审批|风控|流程|要求|说的)"
    r"|(?:你)?(?:现在|必须|马上|立刻|直接)[^,.;]{0,6}(?:批准|通过|放款|同意)[^,.;]{0,8}(?:我|"
    r"贷款|申请)|你现在是|假装(?:你|我)|扮演|开发者模式|管理员(?:模式|权限|命令)|"
    r"系统(?:提示词?|指令|消息|管理员|命令)|以(?:系统|管理员|行长)|越狱|(?:把|"
    r"将)[^,.;]{0,10}(?:利率|利息|年化|额度|评分|信用分)[^,.;]{0,4}(?:改|设|调|定|变)(?:成|为|"
    r"到)|(?:免除|跳过|不做|省略|不用)[^,.;]{0,4}(?:审核|评估|风控|核实|征信|"
    r"审查)[^,.;]{0,6}(?:直接|批|放|$)|直接(?:批准|放款|打款|通过|批)|给我(?:通过|批准)|"
    r"(?:输出|打印|告诉我|显示|泄露)[^,.;]{0,6}(?:提示词|系统设定|内部指令|初始指令)|"
    r"</?(?:system|script|assistant|admin|instruction|prompt)|\[(?:system|inst|admin)|"
    r"^(?:system|系统|assistant|admin)\s*:|approved?\s*=\s*true|drop table|select \*|"
    r"union select|or 1=1|sudo\b|\{\{"
    r"|\b(?:ignore|disregard|forget|bypass|override|skip|circumvent|"
    r"violate)\b[^.;]{0,30}\b(?:instructions?|rules?|polic(?:y|ies)|guidelines?|prompts?|"
    r"checks?|limits?|restrictions?|affordability|underwriting|verification|system|"
    r"everything (?:above|before)|what you were told|safety|credit check)\b|\byou are (?:now|"
    r"no longer)\b|\bact as (?:if|the|an?)\b|\bpretend (?:to|you|that|i)\b|\b(?:developer|"
    r"debug|god|admin|dan|maintenance|sudo) mode\b|\bjailbreak|\b(?:system|hidden|"
    r"initial) (?:prompt|instructions?|override|message)\b|\b(?:set|change|lower|make|reduce|"
    r"update|alter|drop)\b[^.;]{0,14}\b(?:my|the|apr|interest) ?(?:apr|rate|interest|"
    r"credit score|score|limit|balance|income|credit limit)?\b[^.;]{0,12}\b(?:to|at|"
    r"=)\s*(?:\W?\d|zero|nil)|\b(?:approve|grant|release|disburse|"
    r"authori[sz]e)\b[^.;?]{0,20}\b(?:my loan|the loan|me\b|this loan|loan now|immediately|"
    r"it now|my application|without|anyway|regardless|the (?:funds|money)|\W?\d)|\bmark (?:it|"
    r"this|my|me)[^.;]{0,20}(?:approved|verified|paid)|\bas an? (?:administrator|admin|"
    r"developer|bank manager|employee)\b|\bnew instructions?\b|"
    r"\bno (?:credit )?checks?(?: and)? (?:just )?approve|print your|reveal your|"
    r"repeat your (?:prompt|instructions)"
)
_FALSE_INCOME = (
    r"(?:做|搞|弄|开|造|办|伪造|编|提供|帮我|p)(?:个|一?张|一?份|点)?(?:假|虚假)|假(?:流水|"
    r"工资|收入|证明|合同|材料|资料|章|学历|单据|发票)|虚(?:报|假|构|增)|伪造|(?:收入|工资|"
    r"月薪|流水|营业额)[^,.;]{0,8}(?:写|填|报|改|说)(?:成|高|多|大|个)|(?:多|往高|虚高|"
    r"高)(?:写|填|报)(?:点|一点|些)?(?:的)?(?:收入|工资|月薪|流水|点)|包装(?:一?下)?(?:流水|"
    r"资料|收入|征信|资质)|p(?:个|一?张|图)[^,.;]{0,6}(?:流水|证明)|(?:实际|其实|"
    r"真实)[^,.;]{0,14}(?:写|填|报|就说|说成|当)|刷流水|没(?:有)?工作[^;]{0,10}(?:填|写|说)|"
    r"(?:工资|收入|月薪|流水|我挣)[^;]{0,12}(?:你|帮我|给我|咱)(?:就|给|们?)?(?:写|填|报|按|"
    r"做)|隐瞒|瞒着?(?:银行|你们|负债)|别写(?:上)?(?:我的)?(?:负债|债务)"
    r"|\b(?:fake|forged?|falsif\w+|doctored?|photoshop\w*|fabricat\w+|made[- ]up|inflate\w*|"
    r"overstate|exaggerat\w+|bump up|pad)\b[^.;]{0,28}\b(?:income|pay ?slips?|payslip|salary|"
    r"statements?|documents?|documentation|employment|earnings|references?|letter|proof|"
    r"invoice|tax return|turnover|figures|numbers)|\b(?:income|pay ?slips?|salary|statements?|"
    r"earnings)\b[^.;]{0,20}\b(?:fake|forged|inflated?|made up|photoshopped|higher than it is)|"
    r"\b(?:put|write|say|state|record|enter|list|claim|tell them|pretend|declare|note|"
    r"type)\b[^.;]{0,20}\b(?:i (?:earn|make)|my (?:income|salary|wage)|income|salary|"
    r"earnings)\b[^.;]{0,24}(?:instead|even though|although|though|but (?:i|really|actually)|"
    r"anyway|when|higher|double|more than|as \W?\d|is \W?\d)|\b(?:i (?:really |actually |"
    r"only )+(?:earn|make)|i'm unemployed|don't have a job|no job)\b[^;]{0,30}\b(?:put|write|"
    r"say|state|record|enter|claim)\b|\b(?:hide|leave out|don't (?:mention|show|tell|list|"
    r"report)|omit|conceal|keep quiet about)\b[^.;]{0,24}\b(?:debts?|loans?|gambling|"
    r"bankruptcy|defaults?|other credit|income|my credit card)|\blie (?:about|on)\b"
)
_OTHER_IDENTITY = (
    r"(?:用|借|拿|冒用|盗用|冒充|顶替|以|偷|使用)(?:了)?(?:一下)?(?:我)?(?:的)?(?:别人|他人|"
    r"朋友|同事|室友|同学|老婆|老公|我?妈妈?|我?爸爸?|父母|爸妈|奶奶|爷爷|亲戚|前妻|前夫|邻居|"
    r"捡到?的?|哥哥?|弟弟?|姐姐?|妹妹?|员工|客户|女友|男友|女朋友|男朋友|老人|前女友|前男友|"
    r"表[哥弟姐妹]|[^,.;\s我]{1,4})(?:的|名下的)?[^,.;我]{0,4}(?:身份证?|名义|名字|证件|户口|"
    r"个人信息|账户|账号|征信|资料|手机号?)(?!.{0,4}查)|(?:身份证|证件)[^,.;]{0,4}(?:捡|借|"
    r"别人|朋友|买)|(?:捡|偷|买|借)(?:到|来|了)?[^,.;]{0,6}身份证|冒充|冒用|替别人贷|(?:他|她|"
    r"本人|妈妈|爸爸|老公|老婆)不(?:知道|知情|用知道)"
    r"|\b(?:use|using|borrow|with|under|in|on|steal|stolen|found|have got|got|"
    r"have)\b[^.;]{0,12}\b(?:my (?:friend|brother|sister|mother|mum|mom|father|dad|wife|"
    r"husband|roommate|neighbou?r|ex|boss|cousin|grandm\w+|grandpa|grandfather|uncle|aunt|"
    r"partner|girlfriend|boyfriend|colleague|son|daughter|flatmate|coworker|ex-\w+|late \w+|"
    r"nan|mate|landlord|tenant|employee)(?:'?s)?|someone(?: else)?'?s|somebody(?: else)?'?s|"
    r"another person'?s|other people'?s|his|her|their|an? stolen|a fake|a dead \w+'?s?|"
    r"a (?:friend|stranger|customer)'?s)\b[^.;]{0,10}\b(?:id|identity|passport|name|ssn|"
    r"social security|details|licen[cs]e|documents?|credentials|info(?:rmation)?|account|"
    r"credit|card|login)\b|\b(?:impersonat\w+|fake (?:id|identity|passport|name)|stolen (?:id|"
    r"identity|card)|false (?:id|identity|name)|without (?:his|her|their|them) knowing|"
    r"pretend(?:ing)? to be)\b"
)
_OTHER_DATA = (
    r"(?:查|看|告诉|给|透露|发|泄露|知道|调|导出|帮我查)[^,.;]{0,8}?(?:别人|他人|其他(?:客户|"
    r"用户|人)|邻居|同事|朋友|前妻|前夫|老板|张三|李四|王五|我?(?:老公|老婆|男友|女友|前女友|"
    r"前男友|女朋友|男朋友|亲戚|室友|领导|弟弟|哥哥|表哥|儿子|女儿|妈|爸|妈妈|爸爸|对象|同学|"
    r"房东|对手|邻居)|[赵钱孙李周吴郑王冯陈张刘杨黄][\u4e00-\u9fff]{1,2}|所有客户|客户名单|"
    r"上一个(?:客户|用户))(?:的|有|在|欠|名下|家)[^,.;]{0,10}(?:余额|账户|存款|工资|贷款|征信|"
    r"信息|资料|流水|收入|欠|多少钱|电话|地址|身份证|额度|消费|评分|信用|手机号|记录|名单)?|"
    r"(?:隔壁|楼上|对门|村里|我们单位)的?[^,.;]{0,6}(?:贷|借|欠|存)了?多少|(?:前女友|前男友|"
    r"前妻|前夫|邻居|同事|朋友|老板|室友|我(?:老公|老婆|儿子|女儿|妈|爸|弟|哥|姐|妹)|亲戚|房东|"
    r"别人|对象|他|她)[^,.;我]{0,10}(?:欠(?:了|着)?(?:你们)?多少|余额|贷了多少|借了多少|"
    r"(?:工资|存款|额度|欠款)(?:是|有)?多少|有多少(?:钱|存款)|逾期没)|客户名单|(?:隔壁|"
    r"另外?一?个?)客户|其他(?:客户|用户)的|别人的(?:账户|余额|贷款|信息|资料|征信|利率|额度|"
    r"流水|密码)"
    r"|\b(?:show|tell|give|what(?:'s| is| are)?|check|look up|see|access|reveal|find out|list|"
    r"send|export|how much|display|read|share|pull)\b[^.;]{0,24}\b(?:(?:other|another|all|"
    r"previous|last|every|different) (?:customers?|clients?|users?|people|person|"
    r"borrowers?)(?:'s?|s'?)?|(?:my )?(?:neighbou?r|ex|boss|brother|sister|friend|colleague|"
    r"roommate|landlord|cousin|coworker|husband|wife|girlfriend|boyfriend|tenant|employee|"
    r"mother|father|mum|dad|partner|flatmate)(?:'s?)|someone(?: else)?'?s|"
    r"somebody(?: else)?'?s|john(?: smith)?'?s|(?:customer|client|user) (?:list|database|data|"
    r"records|\d+)|(?:list|names?|details|data|records|emails?|addresses) of (?:the |your |"
    r"all )?(?:customers?|clients?|borrowers?|people|users)|[a-z]+ [a-z]+'s (?:loan|account|"
    r"balance|credit|income|salary))\b(?! (?:name|wedding|house|car|business|shop))"
    r"|\bhow much (?:does |did |do |is )?(?:my |the )?(?:neighbou?r|ex(?:[- ]\w+)?|boss|"
    r"brother|sister|friend|colleague|husband|wife|john|cousin|mum|mom|dad|mother|father|son|"
    r"daughter|flatmate|roommate|landlord)(?:'s)?[^.;]{0,20}\b(?:owes?|earns?|has|have|"
    r"borrow\w*|makes?|salary|balance|loan)"
)
_THRESHOLDS = (
    r"(?:评分|分数|信用分|通过|审批|审核|风控|准入|拒绝|内部|系统|反欺诈|"
    r"触发)[^,.;]{0,6}(?:阈值|门槛|分数线|及格线|规则|模型|参数|权重|底线|临界|红线)(?:是|到底|"
    r"具体)?|(?:多少分|几分)(?:才|就|以上)?(?:能|会|可以)?(?:过|批|通过|拒)|(?:怎么|如何|"
    r"教我)[^,.;]{0,8}(?:绕过|躲过|骗过|规避|避开|糊弄|应付)[^,.;]{0,6}(?:风控|审核|反欺诈|"
    r"审批|系统|监管|反洗钱|调查|核查|查)|(?:触发|不会触发|引起|进入)[^,.;]{0,6}(?:审核|人工|"
    r"核查|风控|预警|监控|反洗钱)|(?:自动|秒)(?:通过|批)[^,.;]{0,6}(?:条件|规则|分数|标准)|"
    r"阈值|写(?:多少|几)[^,.;]{0,6}(?:收入)?[^,.;]{0,4}(?:才)?(?:能)?(?:不会?被拒|过审|通过)|"
    r"填多少(?:收入)?(?:才)?能(?:过|批)"
    r"|\b(?:score|approval|credit|fraud|risk|internal|decline|income|underwriting|aml|scoring|"
    r"rejection|cut-?off)\s?(?:score )?(?:thresholds?|cut-?offs?|rules?|limits?|parameters?|"
    r"weights|criteria|model|logic)\b|\bwhat (?:credit )?score (?:do i need|is needed|gets|"
    r"would|will)[^.;]{0,20}\b(?:pass|approved|through|past)|\b(?:exact|minimum|"
    r"lowest) (?:credit )?score\b|\bhow (?:do|can|to|could|would)[^.;]{0,10}\b(?:beat|cheat|"
    r"trick|fool|game|get (?:past|around|round)|evade|avoid|bypass|"
    r"dodge)\b[^.;]{0,20}\b(?:check|checks|system|model|algorithm|fraud|verification|detection|"
    r"aml|underwriting|controls?|reporting)|\bwhat (?:income|salary) (?:should|do|must|"
    r"shall) i (?:put|write|say|claim|state|enter|declare)|\bthresholds?\b|\bcut-?offs?\b|"
    r"\b(?:limit|amount|score|point|income) (?:that|at which)[^.;]{0,20}\b(?:flag|trigger|"
    r"reject|decline|auto)|\bauto[- ]?approv\w+|\bwithout (?:triggering|being (?:flagged|"
    r"caught|detected))"
)
_FRAUD = (
    r"套现|洗钱|洗白|骗贷|诈骗|盗刷|卖(?:身份证|银行卡|账户|四件套)|跑分|拆(?:成|"
    r"分)[^,.;]{0,8}(?:避免|躲|不被|逃)|行贿|偷税|逃税|破解|盗号|黑客|假冒|(?:贷|借)(?:了|完|"
    r"到)?(?:就)?(?:不还|跑路|跑)|撸贷|撸口子|不打算还|倒卖|假合同|虚开"
    r"|\b(?:launder\w*|money mul\w+|scam (?:someone|people|the bank)|defraud|commit fraud|"
    r"steal|stolen card|counterfeit|hack\w*|phish\w*|evade tax|tax evasion|bribe|run off with|"
    r"never (?:pay|paying) (?:it )?back|not (?:going|planning) to (?:re)?pay|skip town|"
    r"structur\w+ (?:deposits|transfers)|mule account|cash out my credit card)\b"
)
POLICIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("income_must_be_true", _FALSE_INCOME),
        ("identity_must_be_own", _OTHER_IDENTITY),
        ("fraud_refused", _FRAUD),
        ("thresholds_confidential", _THRESHOLDS),
        ("privacy_of_others", _OTHER_DATA),
    )
)
INJECTION = re.compile(_INJECTION)
CRISIS = re.compile(
    r"不想活|活不下去|想死|自杀|轻生|跳楼|撑不下去|结束(?:自己|生命|这一切)|活着没意思|绝望|"
    r"没活路|寻短见|一了百了|想不开"
    r"|\b(?:suicid\w*|kill myself|end (?:it all|my life)|want to die|better off dead|"
    r"can't go on|no reason to live|hurt myself|self[- ]harm|don't want to live|end things|"
    r"not worth living)\b"
)
GAMBLING = re.compile(
    r"赌(?:博|场|球|资)?|澳门玩|彩票|六合彩|百家乐|老虎机|下注|毒品|买枪|\b(?:gambl\w*|casino|"
    r"bett?ing|poker|slot machines?|lottery|bookie|drugs|cocaine|weapons?|firearms?|a gun)\b"
)
