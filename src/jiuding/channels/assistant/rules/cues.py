"""What the words themselves decide: sentences whose intent no model may be asked about.

Each rule is an intent, a weight in natural-log units added to that intent's score, and a pattern.
Weights of 20 and more are outright: instructions to the machine, crisis, withdrawal of consent.
`POLICIES` names the rule that an unsafe sentence runs against.
"""

from __future__ import annotations

import re

_INJECTION = (
    r"(?:忘(?:记|掉|了)|忽略|无视|不管|跳过|绕过|抛开|不要理会?|放弃|清除|覆盖)[^,.;]{0,10}(?:指令|规则|规定|设定|提示|政策|限制|审核|审批|风控|流程|要求|说的)"
    r"|(?:你)?(?:现在|必须|马上|立刻|直接)[^,.;]{0,6}(?:批准|通过|放款|同意)[^,.;]{0,8}(?:我|贷款|申请)|你现在是|假装(?:你|我)|扮演|开发者模式|管理员(?:模式|权限|命令)|系统(?:提示词?|指令|消息|管理员|命令)|以(?:系统|管理员|行长)|越狱|(?:把|将)[^,.;]{0,10}(?:利率|利息|年化|额度|评分|信用分)[^,.;]{0,4}(?:改|设|调|定|变)(?:成|为|到)|(?:免除|跳过|不做|省略|不用)[^,.;]{0,4}(?:审核|评估|风控|核实|征信|审查)[^,.;]{0,6}(?:直接|批|放|$)|直接(?:批准|放款|打款|通过|批)|给我(?:通过|批准)|(?:输出|打印|告诉我|显示|泄露)[^,.;]{0,6}(?:提示词|系统设定|内部指令|初始指令)|</?(?:system|script|assistant|admin|instruction|prompt)|\[(?:system|inst|admin)|^(?:system|系统|assistant|admin)\s*:|approved?\s*=\s*true|drop table|select \*|union select|or 1=1|sudo\b|\{\{"
    r"|\b(?:ignore|disregard|forget|bypass|override|skip|circumvent|violate)\b[^.;]{0,30}\b(?:instructions?|rules?|polic(?:y|ies)|guidelines?|prompts?|checks?|limits?|restrictions?|affordability|underwriting|verification|system|everything (?:above|before)|what you were told|safety|credit check)\b|\byou are (?:now|no longer)\b|\bact as (?:if|the|an?)\b|\bpretend (?:to|you|that|i)\b|\b(?:developer|debug|god|admin|dan|maintenance|sudo) mode\b|\bjailbreak|\b(?:system|hidden|initial) (?:prompt|instructions?|override|message)\b|\b(?:set|change|lower|make|reduce|update|alter|drop)\b[^.;]{0,14}\b(?:my|the|apr|interest) ?(?:apr|rate|interest|credit score|score|limit|balance|income|credit limit)?\b[^.;]{0,12}\b(?:to|at|=)\s*(?:\W?\d|zero|nil)|\b(?:approve|grant|release|disburse|authori[sz]e)\b[^.;?]{0,20}\b(?:my loan|the loan|me\b|this loan|loan now|immediately|it now|my application|without|anyway|regardless|the (?:funds|money)|\W?\d)|\bmark (?:it|this|my|me)[^.;]{0,20}(?:approved|verified|paid)|\bas an? (?:administrator|admin|developer|bank manager|employee)\b|\bnew instructions?\b|\bno (?:credit )?checks?(?: and)? (?:just )?approve|print your|reveal your|repeat your (?:prompt|instructions)"
)
_FALSE_INCOME = (
    r"(?:做|搞|弄|开|造|办|伪造|编|提供|帮我|p)(?:个|一?张|一?份|点)?(?:假|虚假)|假(?:流水|工资|收入|证明|合同|材料|资料|章|学历|单据|发票)|虚(?:报|假|构|增)|伪造|(?:收入|工资|月薪|流水|营业额)[^,.;]{0,8}(?:写|填|报|改|说)(?:成|高|多|大|个)|(?:多|往高|虚高|高)(?:写|填|报)(?:点|一点|些)?(?:的)?(?:收入|工资|月薪|流水|点)|包装(?:一?下)?(?:流水|资料|收入|征信|资质)|p(?:个|一?张|图)[^,.;]{0,6}(?:流水|证明)|(?:实际|其实|真实)[^,.;]{0,14}(?:写|填|报|就说|说成|当)|刷流水|没(?:有)?工作[^;]{0,10}(?:填|写|说)|隐瞒|瞒着?(?:银行|你们|负债)|别写(?:上)?(?:我的)?(?:负债|债务)"
    r"|\b(?:fake|forged?|falsif\w+|doctored?|photoshop\w*|fabricat\w+|made[- ]up|inflate\w*|overstate|exaggerat\w+|bump up|pad)\b[^.;]{0,28}\b(?:income|pay ?slips?|payslip|salary|statements?|documents?|documentation|employment|earnings|references?|letter|proof|invoice|tax return|turnover|figures|numbers)|\b(?:income|pay ?slips?|salary|statements?|earnings)\b[^.;]{0,20}\b(?:fake|forged|inflated?|made up|photoshopped|higher than it is)|\b(?:put|write|say|state|record|enter|list|claim|tell them|pretend|declare|note|type)\b[^.;]{0,20}\b(?:i (?:earn|make)|my (?:income|salary|wage)|income|salary|earnings)\b[^.;]{0,24}(?:instead|even though|although|though|but (?:i|really|actually)|anyway|when|higher|double|more than|as \W?\d|is \W?\d)|\b(?:i (?:really |actually |only )+(?:earn|make)|i'm unemployed|don't have a job|no job)\b[^;]{0,30}\b(?:put|write|say|state|record|enter|claim)\b|\b(?:hide|leave out|don't (?:mention|show|tell|list|report)|omit|conceal|keep quiet about)\b[^.;]{0,24}\b(?:debts?|loans?|gambling|bankruptcy|defaults?|other credit|income|my credit card)|\blie (?:about|on)\b"
)
_OTHER_IDENTITY = (
    r"(?:用|借|拿|冒用|盗用|冒充|顶替|以|偷|使用)(?:了)?(?:一下)?(?:我)?(?:的)?(?:别人|他人|朋友|同事|室友|同学|老婆|老公|我?妈妈?|我?爸爸?|父母|爸妈|奶奶|爷爷|亲戚|前妻|前夫|邻居|捡到?的?|哥哥?|弟弟?|姐姐?|妹妹?|员工|客户|女友|男友|女朋友|男朋友|老人|前女友|前男友|表[哥弟姐妹]|[^,.;\s我]{1,4})(?:的|名下的)?[^,.;我]{0,4}(?:身份证?|名义|名字|证件|户口|个人信息|账户|账号|征信|资料|手机号?)(?!.{0,4}查)|(?:身份证|证件)[^,.;]{0,4}(?:捡|借|别人|朋友|买)|冒充|冒用|替别人贷|(?:他|她|本人|妈妈|爸爸|老公|老婆)不(?:知道|知情|用知道)"
    r"|\b(?:use|using|borrow|with|under|in|on|steal|stolen|found|have got|got|have)\b[^.;]{0,12}\b(?:my (?:friend|brother|sister|mother|mum|mom|father|dad|wife|husband|roommate|neighbou?r|ex|boss|cousin|grandm\w+|grandpa|grandfather|uncle|aunt|partner|girlfriend|boyfriend|colleague|son|daughter|flatmate|coworker|ex-\w+|late \w+|nan|mate|landlord|tenant|employee)(?:'?s)?|someone(?: else)?'?s|somebody(?: else)?'?s|another person'?s|other people'?s|his|her|their|an? stolen|a fake|a dead \w+'?s?|a (?:friend|stranger|customer)'?s)\b[^.;]{0,10}\b(?:id|identity|passport|name|ssn|social security|details|licen[cs]e|documents?|credentials|info(?:rmation)?|account|credit|card|login)\b|\b(?:impersonat\w+|fake (?:id|identity|passport|name)|stolen (?:id|identity|card)|false (?:id|identity|name)|without (?:his|her|their|them) knowing|pretend(?:ing)? to be)\b"
)
_OTHER_DATA = (
    r"(?:查|看|告诉|给|透露|发|泄露|知道|调|导出|帮我查)[^,.;]{0,8}?(?:别人|他人|其他(?:客户|用户|人)|邻居|同事|朋友|前妻|前夫|老板|张三|李四|王五|我?(?:老公|老婆|男友|女友|前女友|前男友|女朋友|男朋友|亲戚|室友|领导|弟弟|哥哥|表哥|儿子|女儿|妈|爸|妈妈|爸爸|对象|同学|房东|对手|邻居)|[赵钱孙李周吴郑王冯陈张刘杨黄][\u4e00-\u9fff]{1,2}|所有客户|客户名单|上一个(?:客户|用户))(?:的|有|在|欠|名下|家)[^,.;]{0,10}(?:余额|账户|存款|工资|贷款|征信|信息|资料|流水|收入|欠|多少钱|电话|地址|身份证|额度|消费|评分|信用|手机号|记录|名单)?|客户名单|(?:隔壁|另外?一?个?)客户|其他(?:客户|用户)的|别人的(?:账户|余额|贷款|信息|资料|征信|利率|额度|流水|密码)"
    r"|\b(?:show|tell|give|what(?:'s| is| are)?|check|look up|see|access|reveal|find out|list|send|export|how much|display|read|share|pull)\b[^.;]{0,24}\b(?:(?:other|another|all|previous|last|every|different) (?:customers?|clients?|users?|people|person|borrowers?)(?:'s?|s'?)?|(?:my )?(?:neighbou?r|ex|boss|brother|sister|friend|colleague|roommate|landlord|cousin|coworker|husband|wife|girlfriend|boyfriend|tenant|employee|mother|father|mum|dad|partner|flatmate)(?:'s?)|someone(?: else)?'?s|somebody(?: else)?'?s|john(?: smith)?'?s|customer (?:list|database|\d+)|[a-z]+ [a-z]+'s (?:loan|account|balance|credit|income|salary))\b(?! (?:name|wedding|house|car|business|shop))"
    r"|\bhow much (?:does|did|do) (?:my )?(?:neighbou?r|ex|boss|brother|sister|friend|colleague|husband|wife|john|cousin)[^.;]{0,20}\b(?:owe|earn|have|borrow|make)"
)
_THRESHOLDS = (
    r"(?:评分|分数|信用分|通过|审批|审核|风控|准入|拒绝|内部|系统|反欺诈|触发)[^,.;]{0,6}(?:阈值|门槛|分数线|及格线|规则|模型|参数|权重|底线|临界|红线)(?:是|到底|具体)?|(?:多少分|几分)(?:才|就|以上)?(?:能|会|可以)?(?:过|批|通过|拒)|(?:怎么|如何|教我)[^,.;]{0,8}(?:绕过|躲过|骗过|规避|避开|糊弄|应付)[^,.;]{0,6}(?:风控|审核|反欺诈|审批|系统|监管|反洗钱|调查|核查|查)|阈值|写(?:多少|几)[^,.;]{0,6}(?:收入)?[^,.;]{0,4}(?:才)?(?:能)?(?:不会?被拒|过审|通过)|填多少(?:收入)?(?:才)?能(?:过|批)"
    r"|\b(?:score|approval|credit|fraud|risk|internal|decline|income|underwriting|aml|scoring|rejection|cut-?off)\s?(?:score )?(?:thresholds?|cut-?offs?|rules?|limits?|parameters?|weights|criteria|model|logic)\b|\bwhat (?:credit )?score (?:do i need|is needed|gets|would|will)[^.;]{0,20}\b(?:pass|approved|through|past)|\b(?:exact|minimum|lowest) (?:credit )?score\b|\bhow (?:do|can|to|could|would)[^.;]{0,10}\b(?:beat|cheat|trick|fool|game|get (?:past|around|round)|evade|avoid|bypass|dodge)\b[^.;]{0,20}\b(?:check|checks|system|model|algorithm|fraud|verification|detection|aml|underwriting|controls?|reporting)|\bwhat (?:income|salary) (?:should|do|must|shall) i (?:put|write|say|claim|state|enter|declare)|\bthresholds?\b|\bwithout (?:triggering|being (?:flagged|caught|detected))"
)
_FRAUD = (
    r"套现|洗钱|洗白|骗贷|诈骗|盗刷|卖(?:身份证|银行卡|账户|四件套)|跑分|拆(?:成|分)[^,.;]{0,8}(?:避免|躲|不被|逃)|行贿|偷税|逃税|破解|盗号|黑客|假冒|(?:贷|借)(?:了|完|到)?(?:就)?(?:不还|跑路|跑)|撸贷|撸口子|不打算还|倒卖|假合同|虚开"
    r"|\b(?:launder\w*|money mul\w+|scam (?:someone|people|the bank)|defraud|commit fraud|steal|stolen card|counterfeit|hack\w*|phish\w*|evade tax|tax evasion|bribe|run off with|never (?:pay|paying) (?:it )?back|not (?:going|planning) to (?:re)?pay|skip town|structur\w+ (?:deposits|transfers)|mule account|cash out my credit card)\b"
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
    r"不想活|活不下去|想死|自杀|轻生|跳楼|撑不下去|结束(?:自己|生命|这一切)|活着没意思|绝望|没活路|寻短见|一了百了|想不开"
    r"|\b(?:suicid\w*|kill myself|end (?:it all|my life)|want to die|better off dead|can't go on|no reason to live|hurt myself|self[- ]harm|don't want to live|end things|not worth living)\b"
)
GAMBLING = re.compile(r"赌(?:博|场|球|资)?|澳门玩|彩票|六合彩|百家乐|老虎机|下注|毒品|买枪|\b(?:gambl\w*|casino|bett?ing|poker|slot machines?|lottery|bookie|drugs|cocaine|weapons?|firearms?|a gun)\b")
_HUMAN = (
    r"(?:转|找|要|接|换|叫|想跟|想和|和|跟|联系|给我)(?:个|一个|到|你们的?)?(?:人工|真人|客服|活人|客户经理|柜员|经理|专员|工作人员|信贷员|顾问|主管)|人工(?:服务|客服|坐席)?(?:在吗|呢|$|,)|^人工|真人|(?:不想|别|不要)(?:再)?(?:跟|和)机器人|打电话给我|人来(?:处理|帮)|投诉|回电"
    r"|\b(?:(?:speak|talk|chat|connect|transfer|put)\b[^.;]{0,20}\b(?:someone|somebody|human|person|agent|representative|advis[eo]r|manager|operator|staff|real|banker|rep|through|officer|specialist|colleague|people)|(?:real|actual|live) (?:person|human|agent)|human (?:being|please|agent|help|support|adviser)|customer service|call me|phone me|ring me|callback|complain\w*|representative|operator|a human|get me (?:a|an|your|the) (?:person|human|manager|agent|adviser)|not a (?:bot|robot|machine))\b"
)
_CONSENT = (
    r"(?:撤回|撤销|取消|收回|终止|停止|解除|关闭|关掉|撤掉|不再|停掉|废除)[^,.;]{0,10}(?:授权|同意|许可|共享|数据使用|信息使用|查询权限|权限|营销|推送|委托)|(?:不再|不要|别|不许|禁止|不想|停止|不同意|不允许|不让)[^,.;]{0,8}(?:授权|共享|用我的(?:数据|信息|资料)|给我(?:发|推)|分享|查我(?:的)?征信|把我的[^,.;]{0,6}(?:给|发|共享)|使用我的|看我的|访问我的|读取我的)|退订"
    r"|\b(?:withdraw|revoke|cancel|take back|remove|stop|end|rescind|pull)\b[^.;]{0,16}\b(?:consent|permission|authori[sz]ation|access|sharing|data sharing|mandate|opt-?in|marketing)\b|\b(?:stop|don't|do not|quit|no longer|never)\b[^.;]{0,14}\b(?:shar\w+|us\w+|sell\w*|access\w*|read\w*|look\w* at|process\w*|pass\w*)\b[^.;]{0,14}\b(?:my|personal) (?:data|information|info|details|account\w*|transactions?|statements?|financial|credit file|bank\w*|spending)|\bopt(?:ing)?[- ]?(?:me )?out\b|\bunsubscribe\b|\bno longer (?:consent|agree|want you to (?:use|share|access))|\bdisconnect (?:my|the) (?:bank|account|app|budgeting)|\bi don't (?:consent|agree) to"
)
_RIGHTS = (
    r"(?:删除|删掉|清除|抹掉|销毁|注销|导出|下载|拷贝|更正|修改|改正|查看|复制|备份|查阅|调取|看看|给我)[^,.;]{0,8}(?:我的?)?(?:所有|全部)?(?:个人)?(?:的)?(?:数据|个人信息|资料|个人资料|隐私|档案|记录的信息|信息)|(?:你们|银行|系统)(?:都)?(?:有|存|掌握|收集|保存|知道|记录)(?:了)?(?:我)?(?:的)?(?:哪些|什么|多少)[^,.;]{0,8}(?:信息|数据|资料)|被遗忘|我的数据|我的(?:个人)?信息(?:被|都|存|在|怎么|会)|注销账[户号]|注销(?:我的)?(?:账|档)"
    r"|\b(?:delete|erase|remove|export|download|copy of|correct|rectify|update|access|send me|see|what|give me|wipe|forget|fix|get|provide)\b[^.;]{0,24}\b(?:(?:all )?my (?:personal )?(?:data|information|info|details|records?|file)|(?:the )?(?:data|information|info|personal details) (?:you|that you)|(?:do you|you) (?:hold|store|keep|have|know|collect)\b[^.;]{0,12}\b(?:about|on|of) me)\b|\bgdpr\b|\bright to (?:be forgotten|erasure)|\bsubject access|\bdata (?:protection|portability|privacy|request)|\bprivacy\b|\bforget (?:everything about )?me\b|\bwhat (?:data|information|info)\b[^.;]{0,20}\b(?:about|on) me|\bwhat (?:do )?you know about me"
)
_DECLINE = (
    r"(?:为什么|为啥|怎么|凭什么|啥原因|什么原因|原因|为何|怎么会|咋)[^;]{0,14}(?:被拒|拒绝|没通过|不通过|没批|不批|拒贷|不给(?:我)?(?:批|贷|过)|驳回|没过|未通过|拒了|批不下来|不能贷|额度(?:这么|那么)低)|(?:被拒|拒绝|没通过|不通过|没批|拒贷|拒了|驳回|未通过|没过)[^;]{0,8}(?:为什么|为啥|原因|理由|怎么回事|凭什么|啥情况|依据|怎么办)|拒(?:贷|绝)(?:的)?(?:理由|原因)|(?:申请|贷款)[^,.;]{0,4}(?:被拒|没过|没通过|拒了)"
    r"|\b(?:why|reason|explain|how come|what|on what|grounds)\b[^;]{0,34}\b(?:declin\w+|reject\w+|refus\w+|turned? (?:me )?down|turned down|denied|denial|not (?:approved|accepted|eligible)|unsuccessful|fail(?:ed)?|say no|said no|wasn't i|knocked back|didn't (?:i|my application) (?:get|pass|qualify))\b|\b(?:declined|rejected|denied|turned down|refused|knocked back)\b[^;]{0,24}\b(?:why|reason|explain|how come|what)|\bmy (?:application|loan|request) (?:was|got|has been) (?:declined|rejected|denied|refused|turned down)|\bwhy (?:did|was|were)[^.;]{0,10}\b(?:you|i|my)\b[^.;]{0,14}\b(?:decline|reject|refuse|deny|no)\b"
)
_STATUS = (
    r"(?:申请|审批|审核|贷款|放款|进度|单子|材料|批款)[^;,]{0,8}(?:到哪|进度|怎么样了|如何了|状态|好了吗|好了没|结果|过了吗|过了没|批了(?:吗|没)|批下来|下来(?:了)?(?:吗|没)|到账了?(?:吗|没)|什么时候(?:能|会|到|放|批|有|出)|多久(?:能|会|有)?(?:批|出|有|放|到)|通过了?(?:吗|没)|审完|有消息)|(?:查|看|问)(?:一?下)?(?:我的?|贷款|申请|审批|放款)*(?:申请)?(?:进度|状态|结果|进展)|进度|批(?:下来|了)(?:吗|没)|审(?:核|批)?(?:得)?(?:怎么样|完了|到哪)|还要等多久|怎么还没(?:批|放|到账|消息|结果|审)|(?:钱|款)(?:怎么)?(?:还没|什么时候)(?:到|放|下)"
    r"|\b(?:status|progress|update|news|where|how(?:'s| is)|what(?:'s| is) happening|any word|track|when will|has|is|did|heard|outcome|check(?:ing)?(?: on)?|how far|how long (?:until|till|before|will)|still)\b[^.;]{0,24}\b(?:(?:my|the|of my|with my|on my) (?:loan |mortgage |car loan |credit )?(?:application|request|loan approval|approval|submission|case|paperwork)|(?:loan|application|approval|mortgage) (?:status|progress|update|approved|decision)|application been|loan (?:been |got )?(?:approved|come through|gone through)|you (?:approved|decided|processed)|(?:the )?(?:funds|money) (?:be )?(?:arrive|paid out|released|land|come|hit)|get a decision|hear back|under review|pending|reviewed (?:it|yet))\b|\b(?:application|approval) (?:status|progress|update)\b|\bwhere('s| is) my (?:loan|money|application)\b"
)
_HARDSHIP = (
    r"还不(?:上|起|了|动)|还(?:款|贷)?(?:有)?(?:困难|吃力|不动|压力(?:很|太)?大)|(?:没|无)(?:钱|力|法|能力)(?:还|偿还|按时还)|逾期|延(?:期|后|缓)(?:还|一|两|几|到|还款)?|展期|缓(?:一?缓|交|还)|宽限|断供|失业了?[^;]{0,14}(?:还|贷|月供|供)|(?:还|月供|贷款)[^;]{0,14}失业|(?:催收|催债|爆通讯录)|(?:债|负债|网贷)[^,.;]{0,6}(?:压|逼|太多|缠身|累累|喘不|崩|滚|压身)|喘不过气|揭不开锅|协商还款|停息挂账|减免(?:利息|罚息)?|困难(?:救助|帮扶)|晚(?:几天|点|两天|一个月)还|少还(?:点|一点|一些)|(?:暂停|停|推迟)[^,.;]{0,3}(?:还款|月供|还贷)|交不(?:上|起)(?:月供|房贷|贷款)|欠(?:了)?(?:一屁股|很多|好多|太多)|资金(?:链)?断裂[^;]{0,8}还|拆东墙|以贷养贷|裁员了?[^;]{0,16}(?:还|贷|供)|生病[^;]{0,14}(?:还不|没法还|贷款)"
    r"|\b(?:drowning in|buried in|swamped (?:by|with)|over my head|crippled by|crushed by|sinking in|overwhelmed (?:by|with)) ?(?:debt|loans?|repayments?|bills)?|\b(?:can't|cannot|can not|couldn't|won't be able to|unable to|struggl\w+ (?:to|with)|not able to|don't think i can|can no longer|can't afford to|might not|no way to|hard to)\b[^.;]{0,12}\b(?:re)?(?:pay(?:ments?|ing)?|make (?:my|the|this|next)|keep up|afford (?:my|the) (?:repayments?|payments?|instal|loan)|meet|cover|cope|manage (?:my|the) (?:repayments?|payments?)|repay(?:ments?)?|debts?)\b|\b(?:lost my job|laid off|made redundant|redundancy|hours (?:got |were |have been )?cut|off sick|furlough\w*)\b|\bmissed (?:a|my|two|the|several|last|\d) ?(?:months? )?payments?|\b(?:behind|falling behind|fallen behind|arrears)\b|\b(?:payment|repayment|mortgage) (?:holiday|pause|break|deferral|relief)|\b(?:defer|postpone|pause|delay|freeze|skip|suspend|push back)\b[^.;]{0,16}\b(?:payments?|repayments?|instal?lments?|mortgage|loan|month)|\b(?:financial )?hardship|\bfinancial (?:trouble|difficult\w+|distress)|\bdebt collectors?|\bbailiffs?|\bextension on my (?:loan|payment|repayment)|\bmore time to (?:re)?pay|\bdebt (?:help|advice|relief|spiral)|\bbankrupt\w*|\bforeclos\w*|\brepossess\w*|\bbreathing space"
)
_CANCEL = (
    r"(?:取消|撤销|撤回|撤掉|停止|终止|放弃|作废|退掉|关闭|停掉)(?:掉|了)?[^,.;]{0,6}(?:申请|贷款|借款|订单|办理|这笔|合同|审批|流程|单子|操作|它)|(?:申请|贷款|这笔)[^,.;]{0,6}(?:取消|撤销|撤了|撤回|作废|不办了|不要了|不申请了|不做了)|不(?:想)?(?:贷|借|办|申请|要|弄)了(?!解)|(?:先)?不用了?办|算了[^,.;]{0,3}不|反悔|冷静期"
    r"|\b(?:cancel|stop|withdraw|abort|terminate|drop|call off|scrap|halt|void|undo|back out of|pull)\b[^.;]{0,14}\b(?:application|loan|request|it\b|everything|that\b|this\b|order|process|the whole|offer|agreement|contract|my loan|the deal|submission)|\b(?:don't|do not|no longer) (?:want|need) (?:the|this|that|my|a|any|to (?:proceed|go ahead|continue|apply|borrow))\b[^.;]{0,10}(?:loan|any ?more|money|application|it|proceed|$)|\bchanged my mind\b|\bnot (?:going ahead|proceeding|interested any ?more)|\bnever ?mind\b|\bforget (?:about )?(?:it|the (?:loan|application))|\bcooling[- ]off\b"
)
_PREPAY = (
    r"提前(?:还|结|偿|清)|一次(?:性)?(?:还清|结清)(?:剩|贷|房|车|全|$)|提前(?:把|全部)|(?:剩下|剩余)[^,.;]{0,6}(?:一次性?)?(?:还清|结清|还了|还掉)|多还(?:一)?(?:点|些|\d)|部分(?:提前)?还|(?:把)?(?:房贷|车贷|贷款|这笔)[^,.;]{0,6}(?:提前|一次)?(?:还清|结清|还完)|违约金(?!.{0,4}逾期)"
    r"|\b(?:prepay\w*|pre-pay\w*|early (?:repayment|settlement|payoff|repay|exit|termination)|(?:pay|repay|settle|clear|close)(?:ing)?\b[^.;]{0,24}\b(?:early|ahead of (?:time|schedule)|before (?:the end|time|term)|in full (?:today|now|early|next)|sooner)|over-?pay\w*|extra (?:repayments?|payments?)|lump sum (?:payment|towards|off|into|onto|on my)|pay ?-?off (?:amount|figure|quote|my loan|my mortgage|the loan|the rest|the balance|what's left|the remaining|my car loan)|settlement (?:figure|amount)|pay (?:a bit |some )?extra (?:off|on|towards|into)|(?:pay|put) (?:\W?[\d,.k]+ )?(?:extra )?(?:off|towards|onto|against|into) my (?:loan|mortgage|car loan|home loan)|additional repayments?|pay(?:ing)? down my (?:loan|mortgage)|clear my (?:loan|mortgage))\b"
)
_REFINANCE = (
    r"转贷|(?:房贷|车贷|贷款|按揭|利率|网贷|高息)[^;]{0,16}(?:换成?|转到|转成|置换|转过来|降(?:低|一|点|下)?|调低|平移|转按)|(?:换|转)(?:到|成|个)?[^,.;]{0,6}(?:低息|便宜|低一?点|更低|利率低|划算)[^,.;]{0,5}(?:贷|银行|利率|的|$)|债务(?:重组|整合|优化|合并)|(?:债|贷款|信用卡|网贷)[^,.;]{0,10}(?:整合|合并|合成|并成)|整合[^,.;]{0,8}(?:债|贷|卡)|借新还旧|以贷还贷|存量房贷|再融资|商转公|转公积金"
    r"|\b(?:re-?financ\w+|remortgag\w+|consolidat\w+|balance transfer|(?:switch|move|transfer|swap|shift|change)\b[^.;]{0,16}\b(?:mortgage|loan|home loan|lender|debt|car loan|provider|credit card)s?\b|better (?:rate|deal) (?:on|for|than) my (?:current|existing|mortgage|home loan|car loan|loan)|(?:reduce|cut|lower|bring down) (?:the rate|my rate|my interest|the interest(?: rate)?|my (?:mortgage|loan|home loan|car loan) (?:rate|payments?|repayments?)) ?(?:on|for)?|(?:roll|combine|merge) (?:all )?(?:my|the|these|several|three|two)?[^.;]{0,16}(?:debts?|loans?|cards?)\b|replace my (?:loan|mortgage|car loan|current))"
)
_COMPARE = (
    r"(?:哪|谁|那)(?:一)?(?:家|个|款|种|些|间)?(?:银行|的|产品|机构|平台|贷款)?[^;]{0,12}(?:最|更|比较)?(?:低|便宜|划算|好|快|合适|优惠|省|高|靠谱|推荐)(?!.{0,3}还)|(?:比较|对比|比一?比|对照|货比三家)(?:一?下)?|(?:和|跟|与|还是|vs)[^;]{0,14}(?:哪个|哪家|谁|哪种|有什么区别|区别|差别|更)|区别(?:是|在|大)?|(?:最便宜|最低|利率最低|利息最低)的[^,.;]{0,6}(?:贷|银行|产品|是)|等额本金[^;]{0,6}等额本息|信用贷[^;]{0,6}抵押贷"
    r"|\b(?:which|who|what|where)\b[^;]{0,34}\b(?:lowest|cheapest|cheaper|best|better|fastest|quickest|lower|least|most flexible|offers? the)\b|\b(?:compar\w+|versus|vs\.?|side by side|difference between|differ(?:ence)?s?|shop around|pros and cons|rank)\b|\b(?:show|find|get|list) me (?:the )?(?:cheapest|best|lowest)\b|\b(?:cheapest|lowest[- ]rate|best)\b[^.;]{0,16}\b(?:loan|lender|bank|mortgage|deal|offer|rate)s?\b|\bis it (?:better|cheaper)\b|\bor\b[^.;]{0,20}\b(?:which is|better|cheaper)\b"
)
_AFFORD = (
    r"(?:月供|每个?月|一个月|每期)[^;]{0,8}(?:还|是|得|要|付|供)?[^;]{0,4}(?:多少|几)|(?:能|可以|最多|够)[^,;]{0,8}(?:贷|借)(?:到)?(?:多少|几|多大)|(?:利息|总利息|总共|一共)[^,;]{0,8}(?:要)?(?:还)?(?:多少|是多少)|(?:负担|承担|承受|供|还|买)得(?:起|了)|(?:负担|供|还|买)不?得?起吗|(?:够|能)(?:不)?(?:够|能)?(?:贷|借|还|买|供)(?:得|下)?.{0,10}吗|算(?:一?下|一算|算|个)?(?:月供|利息|总利息|贷款|要还|每月|多少|\d|,|看)?|(?:还款|月供|贷款|利息)(?:计算|试算)|(?:最高|最大)额度|额度(?:能)?有?多少|多少额度|要还多少|怎么算(?:月供|利息)"
    r"|\b(?:how much (?:can|could|would|will|do|should|am|is|are|interest|house|home|car|mortgage|loan|of a)\b[^;]{0,16}\b(?:borrow|i (?:pay|afford|get|repay|owe each)|afford|per month|a month|monthly|each month|repayments?|be|cost|lent|it cost|qualify|i be paying|for|interest|on|it be)?|what(?:'s| is| would| will| are)? (?:(?:be )?(?:my|the) )?(?:monthly|repayments?|payments?|instal?lments?)\b|can i afford|could i afford|afford(?:able|ability)?\b|calculat\w+|work out|borrowing power|(?:monthly )?(?:repayments?|payments?|instal?lments?) (?:on|for|of) (?:a |an )?\W?\d|maximum (?:loan|i can|mortgage)|what can i borrow|total (?:interest|cost) (?:on|of|for)|how big a (?:loan|mortgage)|do i (?:earn|make) enough|is (?:my (?:income|salary)|\W?\d[\d,k]*(?: a (?:month|year))?) enough|what would (?:it|that|a|i)\b[^.;]{0,24}\b(?:cost|pay|be)\b|would i be able to (?:afford|repay|borrow)|am i able to afford)\b"
)
_INFO = (
    r"(?:利息|利率|年化|额度|手续费|费用|期限|条件|要求|门槛|材料|资料|流程|费率)[^;]{0,6}(?:是)?(?:多少|怎么(?:算|样|收)|几|高不?高|什么|哪些|有吗|吗|如何|多久|多长)|(?:需要|要|得)(?:准备|提供|带|交)?(?:什么|哪些|啥)(?:材料|资料|条件|手续|证件|证明)?|怎么(?:申请|办理?|贷款?|借)(?!.{0,4}进度)|如何(?:申请|办理?|贷款)|什么是|(?:是)?什么意思|有没有[^,;]{0,12}(?:贷|产品)|(?:能|可以)(?:贷|办|申请|做)(?:多久|多长|几年)|多久(?:能|可以)?(?:放款|到账|下款|批)|有(?:哪些|什么)[^,;]{0,6}(?:贷|产品)|(?:支持|接受)[^,;]{0,10}吗|介绍(?:一?下)?|了解(?:一?下)?|(?:上|查)征信吗|谁可以|什么人(?:能|可以)|咨询"
    r"|\b(?:what(?:'s| is| are)?\b[^;]{0,20}\b(?:interest|rates?|fees?|requirements?|criteria|terms?|documents?|apr|eligib\w+|minimum|maximum|conditions|charges?|limits?|difference|need(?:ed)? to apply|process)|how (?:do|does|can|to|long does|would|long do)\b[^;]{0,14}\b(?:apply\w*|(?:a |the |your )?[a-z ]{0,12}(?:loans?|mortgages?) work|get a (?:loan|mortgage)|it take|qualify|work|approval)|what documents|do you (?:offer|have|do|provide|lend|charge|require|accept)|am i eligible|eligib\w+|who (?:can|is eligible)|requirements|tell me about|what kinds? of loans?|explain|what does|what's an?|what is an?|information (?:on|about)|interest rates? (?:on|for)|current rates?|rates? (?:today|now|these days))\b"
)
_ACCOUNT = (
    r"余额|(?:账户|卡)(?:里|上)(?:还)?(?:有|剩)|(?:查|看|打印|导出)[^,.;]{0,6}(?:流水|账单|明细|交易|还款记录|还款计划|账户|余额|卡)|(?:流水|账单|明细)[^,.;]{0,5}(?:查|看|发|在哪|打印|多少)|还款日|(?:下|这)(?:一)?期(?:还|要还)|(?:还剩|剩余|还欠)(?:多少|几期|几个月)|(?:哪天|几号|什么时候)(?:扣款|还款|要还|扣)|扣(?:了)?(?:我)?(?:多少|钱|款)|花了多少|最近的?(?:交易|消费|支出)|工资到(?:账)?了?(?:吗|没)|欠(?:你们)?多少|上个?月(?:花|支出|消费)|卡号|开户行|交易记录|多少存款"
    r"|\b(?:balance(?! transfer)|statements?|transactions?|how much (?:is (?:in|left)|do i (?:have|owe|still owe)|have i|did i spend|money (?:is|do i have))|account (?:number|details|summary|activity|history)|direct debits?|spending|last (?:payment|transaction|deposit)|when is my (?:next )?(?:payment|repayment|instal?lment|bill|loan payment)|next (?:payment|repayment|instal?lment) (?:due|date)|due date|has my (?:salary|pay|wage|payment|refund|paycheck)|remaining (?:balance|term)|how many (?:payments|instal?lments|repayments) (?:are )?(?:left|remain)|my (?:account|card) (?:show|is|was|has)|charged (?:me|twice)|recent (?:activity|payments|purchases)|what did i spend|did my (?:salary|pay|wages?|rent|payment))\b"
)
_PAYMENT = (
    r"(?:转账?|汇款?|打款?)(?:个|给|到|[\d一二两三四五六七八九十百千万]|钱|$)|(?:给|向|往)[^,.;不借]{1,6}(?:转|汇|打)(?:[\d一二两三四五六七八九十百千万个点账钱过])|(?:交|缴|付)(?:一?下)?(?:水|电|燃气|话|物业|网|水电|煤气|宽带|暖气|停车)费?|充(?:话费|值|\d)|还信用卡(?:\d|账单|这期|本期|$)|发(?:个)?红包|扫码|收款码|代扣|付款给|支付(?:给|\d)|信用卡还款"
    r"|\b(?:(?:transfer|send|wire|move|pay)\b(?! off| down| back| out| it off)[^.;]{0,20}(?:\W\d|\d|dollars|grand|hundred|pounds|euros|money)[^.;]{0,20}\bto\b|(?:transfer|send|wire)\b[^.;]{0,12}(?:\W?\d|money|cash)|pay (?:my |the |an? )?(?:[a-z]+ )?(?:bill|rent to|electricity|water|gas|phone|landlord|council tax|invoice|electric|internet|utility|credit card bill)\b(?!.*\b(?:loan|borrow)\b)|make a (?:payment|transfer)|schedule a payment|set up a (?:standing order|payment|direct debit|transfer)|top up my (?:phone|mobile)|split the bill|pay (?!back|off|you|it|my|the|for|out|in|each|per|down|over|less|more)[a-z]+ \W?\d)"
)
_INVEST = (
    r"(?:有|手上有|手里有|手头|闲置)[^;]{0,8}(?:闲钱|余钱|存款)[^;]{0,12}|闲钱|(?:买|推荐|做|选|想买|了解)[^,.;借贷]{0,6}(?:理财|基金|国债|债券|存单|货基|余额宝|黄金|保本|收益)(?!.{0,6}(?:借|贷))|(?:存|定期|活期)[^,.;]{0,8}(?:利率|利息|收益|多少|划算|一年|三年|定期)|收益(?:率)?(?:高|多少|稳)|怎么(?:投资|理财)|钱生钱|定投|定期存款|大额存单|存(?:个)?(?:定期|银行)|想投资|理财(?:产品)?"
    r"|\b(?:invest(?:ing|ment)?s?\b(?! property)|where (?:should|can|do) i (?:put|park|keep|save) (?:my|some|\W?\d)|term deposits?|fixed deposits?|savings (?:account|rate|product)|high[- ]yield|certificates? of deposit|cds?\b|mutual funds?|index funds?|retirement (?:fund|plan|savings)|government bonds?|returns?|grow my (?:money|savings)|spare cash|money market|portfolio|wealth|isa\b|save (?:money )?for|earn interest|idle (?:cash|money)|interest on (?:my )?(?:savings|deposits?)|put \W?[\d,k]+ (?:into|in|away))\b"
)
_CONFIRM = (
    r"^(?:嗯+|好+|好的|是|是的|对|对的|可以|行|没错|没问题|确认|确定|同意|就这样|就这个|ok|okay|没错的?|好啊|好呀|要得|中|成|成交|办吧|就它了?|就这么办|嗯嗯|确认(?:无误|申请|提交|一下)?|是我本人|选第[一二三]个|就选[^,.;]{0,6}|可以的|没毛病|继续|提交|接受)(?:[,.!\s]*(?:的|吧|了|啦|就这样|没错|可以|确认|同意|办理?吧?|谢谢|好的|对|行|提交吧?|继续|就这个))*[,.!~\s]*$"
    r"|^(?:yes|yep|yeah|yup|sure|ok|okay|correct|right|confirm(?:ed)?|i (?:confirm|agree|accept)|agreed|accept(?:ed)?|go ahead|that'?s (?:right|correct|fine|it|the one)|sounds good|looks good|looks right|proceed|do it|absolutely|of course|exactly|perfect|all good|fine|please do|affirmative|let'?s (?:do it|go|go ahead|proceed)|i'?ll take (?:it|that|the \w+(?: one)?)|great|yes please|submit(?: it)?|works for me|deal)(?:[,.!\s]+(?:please|that'?s (?:right|correct|fine)|go ahead|i (?:confirm|agree|accept)(?: (?:it|the terms|this))?|thanks?|thank you|yes|correct|proceed|do it|submit it|with (?:it|that|the (?:first|second|cheapest) (?:one|plan|option))|sounds good|confirm(?:ed)?|to (?:the|that|this)(?: \w+)?|it|the (?:terms|offer|first one|plan|cheapest one|quote)|all good))*[.!\s]*$"
)
_CHITCHAT = (
    r"^(?:你好+|您好|hi|hello|hey|嗨|哈喽|在吗|在不在|早上好|早安?|晚上好|下午好|晚安|谢谢(?:你|您|啦|了)?|多谢|感谢|辛苦了|再见|拜拜|88|哈哈+|呵呵|厉害|不错|真棒|good (?:morning|afternoon|evening|day|night)|thanks?(?: (?:you|a lot|so much|for[a-z ]+))?|thank you(?: (?:very much|so much))?|cheers|bye|goodbye|see (?:you|ya)|howdy|lol|haha+|nice|cool|awesome|well done|hiya|yo|sup)(?:[,.!~\s呀啊呢哈]*(?:there|你|您|啊|呀|今天|朋友|谢谢|再见|小助手|bot|assistant|mate|everyone|have a (?:good|nice) day|for your help|very much|again|bye|hello|hi))*[,.!~?\s]*$|你(?:是|叫)(?:谁|什么(?:名字)?|机器人|真人|人工智能|ai|啥)|你(?:多大|几岁|好吗|会(?:做)?什么|能(?:做|干|帮我做)(?:什么|啥)|今天(?:怎么样|心情)|喜欢|吃了|累不累|真(?:聪明|可爱|棒|厉害|好))|吃了吗|聊聊天|陪我聊|心情(?:不好|怎么样)|生日快乐|新年好|节日快乐|天气真好"
    r"|\b(?:how are you|who are you|what(?:'s| is) your name|are you (?:a (?:bot|robot|human|real person|person|machine)|human|real|an ai|there)|what can you (?:do|help)|how(?:'s| is) it going|nice to meet you|you(?:'re| are) (?:great|awesome|funny|helpful|cute|smart|the best|a star|so helpful|very helpful)|how old are you|do you (?:like|love|sleep|have feelings)|happy (?:new year|birthday|holidays)|how(?:'s| is) your day|what's up|who (?:made|built) you)\b"
)
_LOAN = (
    r"(?:想|要|需|能不能|可以|打算|准备|帮我|申请|急|求|给我|得|来|办)[^,;]{0,8}(?:借|贷)(?:款|个|点|钱|[\d一二两三四五六七八九十百几])|借(?:个|点|款|我|钱|[\d一二两三四五六七八九十百几])|贷(?:个|点|款\d|[\d一二两三四五六七八九十百几])|差[^,;]{0,5}[\d一二两三四五六七八九十百]|缺(?:钱|口|[^,;]{0,5}[\d一二两三四五六七八九十百])|周转|融资|首付|分期(?:买|付)?|按揭|需要(?:一笔)?(?:钱|资金|贷款)|急(?:用|需)(?:钱|一笔|资金)|用钱|手头紧"
    r"|\b(?:(?:need|want|like|looking|apply|get|take|request|seeking|give me|lend|after|require|could use|can i (?:get|have)|help me)\b[^.;?]{0,36}\b(?:loan|borrow\w*|mortgage|financ\w+|funds?|funding|credit|cash|money|advance|overdraft|grand|thousand|\W?\d[\d,.]*k?\b)|borrow|lend me|(?:home|car|personal|business|student) loan (?:of|for)|a loan|short (?:of )?\W?\d)\b"
)

RULES: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (intent, weight, re.compile(pattern))
    for intent, weight, pattern in (
        ("human", 5.0, _HUMAN),
        ("consent_withdraw", 8.0, _CONSENT),
        ("data_rights", 5.0, _RIGHTS),
        ("decline_reason", 5.0, _DECLINE),
        ("application_status", 3.5, _STATUS),
        ("hardship", 5.0, _HARDSHIP),
        ("cancel", 4.0, _CANCEL),
        ("prepay", 4.5, _PREPAY),
        ("refinance", 3.5, _REFINANCE),
        ("loan_compare", 3.0, _COMPARE),
        ("affordability", 3.2, _AFFORD),
        ("loan_info", 2.0, _INFO),
        ("account_query", 2.5, _ACCOUNT),
        ("payment", 3.0, _PAYMENT),
        ("invest", 3.0, _INVEST),
        ("confirm", 12.0, _CONFIRM),
        ("chitchat", 6.0, _CHITCHAT),
        ("loan_request", 2.0, _LOAN),
    )
)
