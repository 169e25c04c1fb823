"""What the words themselves say of an intent, beside what the model makes of the sentence.

Each rule is an intent, a weight in natural-log units added to that intent's score, and a pattern.
"""

from __future__ import annotations

import re

_HUMAN = (
    r"(?:转|找|要|接|换|叫|想跟|想和|和|跟|联系|给我)(?:个|一个|到|你们的?)?(?:人工|真人|客服|"
    r"活人|客户经理|柜员|经理|领导|专员|工作人员|信贷员|顾问|主管)|人工(?:服务|客服|坐席)?(?:在吗|"
    r"呢|$|,)|^人工|真人|(?:不想|别|不要)(?:再)?(?:跟|和)机器人|换(?:个)?人|"
    r"(?:客户)?经理[^,.;]{0,4}(?:电话|联系)|打电话给我|人来(?:处理|帮)|投诉|回电"
    r"|\b(?:(?:someone|somebody) (?:real |that )?i can (?:actually |really )?(?:talk|speak)|"
    r"(?:speak|talk|chat|connect|transfer|put)\b[^.;]{0,20}\b(?:someone|somebody|human|"
    r"person|agent|representative|advis[eo]r|manager|operator|staff|real|banker|rep|through|"
    r"officer|specialist|colleague|people)|(?:real|actual|live) (?:person|human|agent)|"
    r"human (?:being|please|agent|help|support|adviser)|customer service|call me|phone me|"
    r"ring me|callback|complain\w*|representative|operator|a human|get me (?:a|an|your|"
    r"the) (?:person|human|manager|agent|adviser)|not a (?:bot|robot|machine))\b"
)
_CONSENT = (
    r"别(?:再)?(?:拿|用)我的?[^,.;]{0,6}(?:数据|信息|资料)|"
    r"(?:撤回|撤销|取消|收回|终止|停止|解除|关闭|关掉|撤掉|不再|停掉|废除)[^,.;]{0,10}(?:授权|"
    r"同意|许可|共享|数据使用|信息使用|查询权限|权限|营销|推送|委托)|(?:不再|不要|别|不许|禁止|"
    r"不想|停止|不同意|不允许|不让)[^,.;]{0,8}(?:授权|共享|用我的(?:数据|信息|资料)|给我(?:发|"
    r"推)|分享|查我(?:的)?征信|把我的[^,.;]{0,6}(?:给|发|共享)|使用我的|看我的|访问我的|"
    r"读取我的)|退订"
    r"|\b(?:withdraw|revoke|cancel|take back|remove|stop|end|rescind|"
    r"pull)\b[^.;]{0,16}\b(?:consent|permission|authori[sz]ation|access|sharing|data sharing|"
    r"mandate|opt-?in|marketing)\b|\b(?:stop|don't|do not|quit|no longer|"
    r"never)\b[^.;]{0,14}\b(?:shar\w+|us\w+|sell\w*|access\w*|read\w*|look\w* at|process\w*|"
    r"pass\w*)\b[^.;]{0,14}\b(?:my|personal) (?:data|information|info|details|account\w*|"
    r"transactions?|statements?|financial|credit file|bank\w*|spending)|"
    r"\bopt(?:ing)?[- ]?(?:me )?out\b|\bunsubscribe\b|\bno longer (?:consent|agree|"
    r"want you to (?:use|share|access))|\bdisconnect (?:my|the) (?:bank|account|app|budgeting)|"
    r"\bi don't (?:consent|agree) to|\b(?:don't|do not) want (?:it|my \w+|them) (?:shared|sold|"
    r"passed on)|"
    r"\bleave my (?:data|details|information) alone|看我的?征信[^;]{0,8}(?:停|取消|关)"
)
_RIGHTS = (
    r"(?:删除|删掉|清除|抹掉|销毁|注销|导出|下载|拷贝|更正|修改|改正|查看|复制|备份|查阅|调取|"
    r"看看|给我)[^,.;]{0,8}(?:我的?)?(?:所有|全部)?(?:个人)?(?:的)?(?:数据|个人信息|资料|"
    r"个人资料|隐私|档案|记录的信息|信息)|(?:你们|银行|系统)(?:都)?(?:有|存|掌握|收集|保存|"
    r"知道|记录)(?:了)?(?:我)?(?:的)?(?:哪些|什么|多少)[^,.;]{0,8}(?:信息|数据|资料)|被遗忘|"
    r"我的数据|我的(?:个人)?信息(?:被|都|存|在|怎么|会)|注销账[户号]|注销(?:我的)?(?:账|档)"
    r"|\bwhat (?:have|do) you (?:got )?(?:stored|hold|held|keep|saved|kept)\b|"
    r"\b(?:delete|erase|remove|export|download|copy of|correct|rectify|update|access|send me|"
    r"see|what|give me|wipe|forget|fix|get|provide)\b[^.;]{0,24}\b(?:(?:all )?my (?:personal )?"
    r"(?:data|information|info|details|records?|file)|(?:the )?(?:data|information|info|"
    r"personal details) (?:you|that you)|(?:do you|you) (?:hold|store|keep|have|know|"
    r"collect)\b[^.;]{0,12}\b(?:about|on|of) me)\b|\bgdpr\b|\bright to (?:be forgotten|"
    r"erasure)|\bsubject access|\bdata (?:protection|portability|privacy|request)|\bprivacy\b|"
    r"\bforget (?:everything about )?me\b|\bwhat (?:data|information|"
    r"info)\b[^.;]{0,20}\b(?:about|on) me|\bwhat (?:do )?you know about me"
)
_DECLINE = (
    r"(?:为什么|为啥|怎么|凭什么|啥原因|什么原因|原因|为何|怎么会|咋)[^;]{0,14}(?:被拒|拒绝|"
    r"没通过|不通过|没批|不批|拒贷|不给(?:我)?(?:批|贷|过)|驳回|没过|未通过|拒了|批不下来|"
    r"不能贷|额度[^,.;]{0,3}(?:这么|那么|才|只有?|就)(?:低|少|[\d一二两三四五六七八九]))|(?:被拒|拒绝|没通过|不通过|没批|拒贷|拒了|驳回|未通过|"
    r"没过)[^;]{0,8}(?:为什么|为啥|原因|理由|怎么回事|凭什么|啥情况|依据|怎么办)|拒(?:贷|"
    r"绝)(?:的)?(?:理由|原因)|(?:申请|贷款)[^,.;]{0,4}(?:被拒|没过|没通过|拒了)"
    r"|\b(?:why|how come)\b[^;]{0,14}\b(?:limit|offer|amount)\b[^;]{0,14}\b(?:low|small|little)\b"
    r"|\b(?:why|reason|explain|how come|what|on what|grounds)\b[^;]{0,34}\b(?:declin\w+|"
    r"reject\w+|refus\w+|turn(?:ed)? (?:me |us )?down|denied|denial|not (?:approved|accepted|"
    r"eligible)|unsuccessful|fail(?:ed)?|say no|said no|wasn't i|knocked back|didn't (?:i|"
    r"my application) (?:get|pass|qualify))\b|\b(?:declined|rejected|denied|turned down|"
    r"refused|knocked back)\b[^;]{0,24}\b(?:why|reason|explain|how come|what)|"
    r"\bmy (?:application|loan|request) (?:was|got|has been) (?:declined|rejected|denied|"
    r"refused|turned down)|\bwhy (?:did|was|were)[^.;]{0,10}\b(?:you|i|"
    r"my)\b[^.;]{0,14}\b(?:decline|reject|refuse|deny|no)\b"
)
_STATUS = (
    r"递(?:的|了)(?:件|材料|资料|申请)|(?:钱|款)[^,.;]{0,4}没(?:放|到|打|下)(?:下来|过来|账)?|"
    r"\byou(?: lot| guys)? (?:decide|decided|made up your mind)\b[^.;]{0,12}\byet\b|"
    r"(?:钱|款|贷款)(?:给我)?(?:打|放|下|到)(?:过来|下来|出来|来|账)?了?(?:没有|没|吗)|(?:申请|"
    r"审批|审核|贷款|放款|进度|单子|材料|批款)[^;,]{0,8}(?:到哪|进度|怎么样了|如何了|"
    r"状态|好了吗|好了没|结果|过了吗|过了没|批了(?:吗|没)|批下来|下来(?:了)?(?:吗|没)|"
    r"到账了?(?:吗|没)|(?:什么|啥)时候(?:能|会|到|放|批|有|出)|多久(?:能|会|有)?(?:批|出|有|放|到)|"
    r"通过了?(?:吗|没)|审完|有消息|没(?:有)?下文|没(?:有)?动静|没信儿?|没消息|没回音|卡在?哪|哪一步|哪个环节)|(?:查|看|问)(?:一?下)?(?:我的?|"
    r"贷款|申请|审批|"
    r"放款)*(?:申请)?(?:进度|状态|结果|进展)|进度|批(?:下来|了)(?:吗|没)|审(?:核|"
    r"批)?(?:得)?(?:怎么样|完了|到哪)|还要等多久|怎么还没(?:批|放|到账|消息|结果|审)|(?:钱|"
    r"款)(?:怎么)?(?:还没|(?:什么|啥)时候)(?:到|放|下)"
    r"|\b(?:status|progress|update|news|where|how(?:'s| is)|what(?:'s| is) happening|any word|"
    r"track|when will|has|is|did|heard|outcome|check(?:ing)?(?: on)?|how far|how long (?:until|"
    r"till|before|will)|still)\b[^.;]{0,24}\b(?:(?:my|the|of my|with my|on my) (?:loan |"
    r"mortgage |car loan |credit )?(?:application|request|loan approval|approval|submission|"
    r"case|paperwork)|(?:loan|application|approval|mortgage) (?:status|progress|update|"
    r"approved|decision)|application been|loan (?:been |got )?(?:approved|come through|"
    r"gone through)|you (?:approved|decided|processed)|(?:the )?(?:funds|"
    r"money) (?:be )?(?:arrive|paid out|released|land|come|hit)|get a decision|hear back|"
    r"under review|pending|reviewed (?:it|yet))\b|\b(?:did|has|is|have)\b[^.;?]{0,8}\b(?:my|"
    r"the) (?:loan|mortgage|application|money|funds)\b[^.;?]{0,12}\b(?:go through|gone through|"
    r"come through|approved|been paid|cleared|accepted|ready|sent|arrived?|landed|released|"
    r"processed)|\b(?:applied|application)\b[^;]{0,40}\b(?:heard nothing|no (?:word|reply|answer)|"
    r"still waiting|not heard|haven't heard|silence)\b|\bhaven't heard (?:back|anything)|"
    r"\b(?:approved|decided) (?:me |it )?yet\b|\b(?:application|approval) (?:status|"
    r"progress|update)\b|\bwhere('s| is) my (?:loan|money|application)\b"
)
_HARDSHIP = (
    r"(?:月供|还款|房贷|贷款)[^,.;]{0,4}(?:往后|挪|推)[^,.;]{0,8}月|"
    r"\bcan't (?:make|pay|keep up with) the (?:mortgage|loan|payments?)|"
    r"(?:先欠|缓|晚|拖|迟|宽限)(?:我)?(?:几|两|三|五|十|半|一)(?:天|个?月|周|个?星期)|扛不住了|"
    r"顶不住了|供不(?:起|动)了|"
    r"(?:工资|收入)(?:还)?没(?:发|到)[^;]{0,14}(?:扣|还|缓|晚)|还不(?:上|起|了|动)|还(?:款|"
    r"贷)?(?:有)?(?:困难|吃力|不动|压力(?:很|太)?大)|(?:没|"
    r"无)(?:钱|力|法|能力)(?:还|偿还|按时还)|逾期|延(?:期|后|缓)(?:还|一|两|几|到|还款)?|展期|"
    r"缓(?:一?缓|交|还)|宽限|断供|失业了?[^;]{0,14}(?:还|贷|月供|供)|(?:还|月供|"
    r"贷款)[^;]{0,14}失业|(?:催收|催债|爆通讯录)|(?:债|负债|网贷)[^,.;]{0,6}(?:压|逼|太多|缠身|"
    r"累累|喘不|崩|滚|压身)|喘不过气|揭不开锅|协商还款|停息挂账|减免(?:利息|罚息)?|困难(?:救助|"
    r"帮扶)|晚(?:几天|点|两天|一个月)还|少还(?:点|一点|一些)|(?:暂停|停|"
    r"推迟)[^,.;]{0,3}(?:还款|月供|还贷)|交不(?:上|起)(?:月供|房贷|贷款)|欠(?:了)?(?:一屁股|"
    r"很多|好多|太多)|资金(?:链)?断裂[^;]{0,8}还|拆东墙|以贷养贷|裁员了?[^;]{0,16}(?:还|贷|供)|"
    r"生病[^;]{0,14}(?:还不|没法还|贷款)"
    r"|\b(?:drowning in|buried in|swamped (?:by|with)|over my head|crippled by|crushed by|"
    r"sinking in|overwhelmed (?:by|with)) ?(?:debt|loans?|repayments?|bills)?|\b(?:can't|"
    r"cannot|can not|couldn't|won't be able to|unable to|struggl\w+ (?:to|with)|not able to|"
    r"don't think i can|can no longer|can't afford to|might not|no way to|"
    r"hard to)\b[^.;]{0,12}\b(?:re)?(?:pay(?:ments?|ing)?|make (?:my|the|this|next)|keep up|"
    r"afford (?:my|the) (?:repayments?|payments?|instal|loan)|meet|cover|cope|manage (?:my|"
    r"the) (?:repayments?|payments?)|repay(?:ments?)?|debts?)\b|\b(?:lost my job|laid off|"
    r"made redundant|redundancy|hours (?:got |were |have been )?cut|off sick|furlough\w*)\b|"
    r"\bmissed (?:a|my|two|the|several|last|\d) ?(?:months? )?payments?|\b(?:behind|"
    r"falling behind|fallen behind|arrears)\b|\b(?:payment|repayment|mortgage) (?:holiday|"
    r"pause|break|deferral|relief)|\b(?:defer|postpone|pause|delay|freeze|skip|suspend|"
    r"push back)\b[^.;]{0,16}\b(?:payments?|repayments?|instal?lments?|mortgage|loan|month)|"
    r"\b(?:financial )?hardship|\bfinancial (?:trouble|difficult\w+|distress)|"
    r"\bdebt collectors?|\bbailiffs?|\bextension on my (?:loan|payment|repayment)|"
    r"\bmore time to (?:re)?pay|\bdebt (?:help|advice|relief|spiral)|\bbankrupt\w*|"
    r"\bforeclos\w*|\brepossess\w*|\bbreathing space"
)
_CANCEL = (
    r"(?:取消|撤销|撤回|撤掉|停止|终止|放弃|作废|退掉|关闭|停掉)(?:掉|了)?[^,.;]{0,6}(?:申请|"
    r"贷款|借款|订单|办理|这笔|合同|审批|流程|单子|操作|它)|(?:申请|贷款|"
    r"这笔)[^,.;]{0,6}(?:取消|撤销|撤了|撤回|作废|不办了|不要了|不申请了|不做了)|"
    r"不(?:想)?(?:贷|借|办|申请|要|弄)了(?!解)|(?:申请|单子?|订单|提交)[^,.;]{0,8}(?:作废|取消|"
    r"撤|退|停)|(?:先)?不用了?办|算了[^,.;]{0,3}不|反悔|冷静期"
    r"|\b(?:cancel|stop|withdraw|abort|terminate|drop|call off|scrap|halt|void|undo|"
    r"back out of|pull)\b[^.;]{0,14}\b(?:application|loan|request|it\b|everything|that\b|"
    r"this\b|order|process|the whole|offer|agreement|contract|my loan|the deal|submission)|"
    r"\b(?:don't|do not|no longer) (?:want|need) (?:the|this|that|my|a|any|to (?:proceed|"
    r"go ahead|continue|apply|borrow))\b[^.;]{0,10}(?:loan|any ?more|money|application|it|"
    r"proceed|$)|\bchanged my mind\b|\bnot (?:going ahead|proceeding|interested any ?more)|"
    r"\bnever ?mind\b|\bforget (?:about )?(?:it|the (?:loan|application))|\bcooling[- ]off\b"
)
_PREPAY = (
    r"提前(?:还|结|偿|清)|一次(?:性)?(?:还清|结清)(?:剩|贷|房|车|全|$)|提前(?:把|全部)|(?:剩下|"
    r"剩余)[^,.;]{0,6}(?:一次性?)?(?:还清|结清|还了|还掉)|(?:先|多|想|要|可以|能)还(?:掉|"
    r"上)?(?:一部分|一些|点|部分)?(?:本金|剩余|剩下)|还(?:一|大)?部分(?:本金|贷款|房贷|$)|"
    r"还款[^,.;]{0,4}提前|缩短(?:个|到|成)?[\d一二两三四五六七八九十]+[年期个]|缩短(?:年限|期限|"
    r"还款)|多还(?:一)?(?:点|些|\d)|部分(?:提前)?还|"
    r"(?:把)?(?:房贷|车贷|贷款|这笔)[^,.;]{0,6}(?:提前|一次)?(?:还清|结清|还完)|"
    r"(?:房贷|车贷|贷款)[^;]{0,8}全(?:部)?结(?:了|清|掉)|违约金(?!.{0,4}逾期)"
    r"|\b(?:knock|take|get|chip) \W?[\d,.k]+(?: grand| thousand)? off (?:the|my|our) (?:mortgage|"
    r"loan|balance)\b"
    r"|\b(?:pay (?:the whole (?:thing|lot|loan)|it all|everything)(?: back|"
    r" off)?[^.;]{0,30}(?:fee|penalty|"
    r"charge|early|month|now)|(?:close|closing|end|ending|exit\w*) (?:the|my|our) (?:mortgage|loan|"
    r"home loan|car loan)|prepay\w*|pre-pay\w*|early (?:repayment|settlement|payoff|repay|exit|"
    r"termination)|"
    r"(?:pay|repay|settle|clear|close)(?:ing)?\b[^.;]{0,24}\b(?:early|ahead of (?:time|"
    r"schedule)|before (?:the end|time|term)|in full (?:today|now|early|next)|sooner)|"
    r"over-?pay\w*|extra (?:repayments?|payments?)|lump sum (?:payment|towards|off|into|onto|"
    r"on my)|pay ?-?off (?:amount|figure|quote|my loan|my mortgage|the loan|the rest|"
    r"the balance|what's left|the remaining|my car loan)|settlement (?:figure|amount)|"
    r"pay (?:a bit |some )?extra (?:off|on|towards|into)|(?:pay|put|throw|"
    r"make) (?:an? )?(?:extra )?(?:\W?[\d,.k]+ )?(?:dollars |extra )?(?:off|towards|onto|"
    r"against|into|on) (?:my|the) (?:loan|mortgage|car loan|home loan)|(?:clear|close out|"
    r"finish|pay off|settle|get rid of|wipe out|redeem) (?:my|the|this|our|off my) (?:whole |"
    r"entire |remaining |outstanding )?(?:loan|mortgage|balance|car loan|home loan|"
    r"debt with you)|ahead of (?:time|schedule|term)|additional repayments?|"
    r"pay(?:ing)? down my (?:loan|mortgage)|clear my (?:loan|mortgage))\b"
)
_REFINANCE = (
    r"(?:太贵|太高)[^;]{0,14}(?:接过去|接走|转走|换掉)|并成一?[笔个]|\ball in one place\b|"
    r"转贷|(?:房贷|车贷|贷款|按揭|利率|网贷|高息)[^;]{0,16}(?:换成?|转到|转成|置换|转过来|"
    r"降(?:低|一|点|下)?|调低|平移|转按)|(?:换|转)(?:到|成|个)?[^,.;]{0,6}(?:低息|便宜|低一?点|"
    r"更低|利率低|划算)[^,.;]{0,5}(?:贷|银行|利率|的|$)|债务(?:重组|整合|优化|合并)|(?:债|贷款|"
    r"信用卡|网贷)[^,.;]{0,10}(?:整合|合并|合成|并成)|整合[^,.;]{0,8}(?:债|贷|卡)|(?:花呗|借呗|"
    r"白条|网贷|信用卡|卡债|几笔)[^;]{0,12}(?:整合|合并|合成|归到|并成)|借新还旧|以贷还贷|"
    r"存量房贷|再融资|商转公|转公积金"
    r"|\b(?:re-?financ\w+|remortgag\w+|consolidat\w+|balance transfer|(?:switch|move|transfer|"
    r"swap|shift|change)\b[^.;]{0,16}\b(?:mortgage|loan|home loan|lender|debt|car loan|"
    r"provider|credit card)s?\b|better (?:rate|deal) (?:on|for|than) my (?:current|existing|"
    r"mortgage|home loan|car loan|loan)|(?:reduce|cut|lower|bring down) (?:the rate|my rate|"
    r"my interest|the interest(?: rate)?|my (?:mortgage|loan|home loan|car loan) (?:rate|"
    r"payments?|repayments?)) ?(?:on|for)?|(?:roll|combine|merge) (?:all )?(?:my|the|these|"
    r"several|three|two)?[^.;]{0,16}(?:debts?|loans?|cards?)\b|\blump\b[^.;]{0,30}\btogether\b|"
    r"one (?:cheaper|lower|"
    r"single)[a-z -]{0,12} loan|replace my (?:loan|mortgage|car loan|current))"
)
_COMPARE = (
    r"是[^,;]{1,10}(?:省|划算|好|合适|便宜|快)(?:钱)?(?:些|点)?还是|(?:哪|谁|那)(?:一)?(?:家|个|"
    r"款|种|些|间)?(?:银行|的|产品|机构|平台|贷款)?[^;]{0,12}(?:最|"
    r"更|比较)?(?:低|便宜|划算|好|快|合适|优惠|省|高|靠谱|推荐)(?!.{0,3}还)|(?:比较|对比|"
    r"差在(?:哪|什么)|有(?:啥|什么)(?:不同|不一样|差别|区别)|比一?比|对照|货比三家)(?:一?下)?|"
    r"(?:和|跟|与|还是|vs)[^;]{0,14}(?:哪个|哪家|谁|哪种|"
    r"有什么区别|区别|差别|更)|区别(?:是|在|大)?|(?:怎么|如何)(?:付|贷|借|买|选|"
    r"办)(?:款)?(?:最|更|比较)?(?:划算|便宜|省|好|合适)|(?:最便宜|最低|利率最低|"
    r"利息最低)的[^,.;]{0,6}(?:贷|银行|产品|是)|等额本金[^;]{0,6}等额本息|信用贷[^;]{0,6}抵押贷"
    r"|[跟和与][^;]{1,8}(?:相?差)(?:多少|几)"
    r"|\bwhich (?:one )?(?:costs?|saves?|works out|comes out|is)\b[^;]{0,16}\b(?:less|more|cheaper|"
    r"better|dearer)\b"
    r"|\b(?:which|who|what|where)\b[^;]{0,34}\b(?:lowest|cheapest|cheaper|best|better|fastest|"
    r"quickest|lower|least|most flexible|offers? the)\b|\b(?:compar\w+|versus|vs\.?|"
    r"side by side|difference between|differ(?:ence)?s?|shop around|pros and cons|rank)\b|"
    r"\b(?:show|find|get|list) me (?:the )?(?:cheapest|best|lowest)\b|\b(?:cheapest|"
    r"lowest[- ]rate|best)\b[^.;]{0,16}\b(?:loan|lender|bank|mortgage|deal|offer|rate)s?\b|"
    r"\bis it (?:better|cheaper)\b|\bor\b[^.;]{0,20}\b(?:which is|better|cheaper)\b"
)
_AFFORD = (
    r"够不够(?:买|付|还|贷|供)|"
    r"\b(?:biggest|largest|highest|maximum|max) (?:home loan|mortgage|car loan|loan|"
    r"amount)[^;]{0,24}"
    r"\b(?:you'd|you would|you'll|i can|i could|we can|i'd)|(?:月供|每个?月|一个月|"
    r"每期)[^;]{0,8}(?:还|是|得|要|付|供)?[^;]{0,4}(?:多少|几)|(?:能|"
    r"可以|最多|够)[^,;]{0,8}(?:贷|借)(?:到)?(?:多少|几|多大)(?!年|期|个?月|天)|(?:利息|总利息|总共|"
    r"一共)[^,;]{0,8}(?:要)?(?:还)?(?:多少|是多少)|(?:负担|承担|承受|供|还|买)得(?:起|了)|"
    r"(?:负担|供|还|买)不?得?起吗|(?:够|能)(?:不)?(?:够|能)?(?:贷|借|还|买|供)(?:得|"
    r"下)?.{0,10}吗|算(?:一?下|一算|算|个)?(?:月供|利息|总利息|贷款|要还|每月|多少|\d|,|看)?|"
    r"(?:还款|月供|贷款|利息)(?:计算|试算)|我[^,.;]{0,8}(?:最高|最大)?额度|多少额度|要还多少|"
    r"(?:月供|还款额?)怎么算"
    r"|\b(?:how much (?:can|could|would|will|do|should|am|is|are|interest|house|home|car|"
    r"mortgage|loan|of a)\b[^;]{0,16}\b(?:borrow|i (?:pay|afford|get|repay|owe each)|afford|"
    r"per month|a month|monthly|each month|repayments?|be|cost|lent|it cost|qualify|"
    r"i be paying|for|interest|on|it be)?|what(?:'s| is| would| will| are)? (?:(?:be )?(?:my|"
    r"the) )?(?:monthly|repayments?|payments?|instal?lments?)\b|can i afford|could i afford|"
    r"afford(?:able|ability)?\b|calculat\w+|work out|borrowing power|"
    r"(?:monthly )?(?:repayments?|payments?|instal?lments?) (?:on|for|of) (?:a |an )?\W?\d|"
    r"maximum (?:loan|i can|mortgage)|what (?:can|could|might|would) (?:i|we) (?:borrow|get|"
    r"afford)|total (?:interest|cost) (?:on|of|for)|"
    r"how big a (?:loan|mortgage)|do i (?:earn|make) enough|\benough (?:for|to (?:buy|get|"
    r"afford|borrow|cover|pay))|is (?:my (?:income|salary)|\W?\d[\d,k]*(?: a (?:month|"
    r"year))?) enough|what would (?:it|that|a|i)\b[^.;]{0,24}\b(?:cost|pay|be)\b|"
    r"would i be able to (?:afford|repay|borrow)|am i able to afford)\b"
)
_AFFORD_PLAIN = (
    r"多少(?:钱)?利息|(?:每个?月|月供|一个月|每期)[^,;]{0,6}(?:还|供|付|是)?[^,;]{0,4}多少|"
    r"(?:能|可以|"
    r"最多)[^,;]{0,4}(?:贷|借)(?:到)?多少(?!年|期|个?月|天)|"
    r"买得起|供得起|负担得起|\bhow much (?:can|could) (?:i|"
    r"we) borrow|\bcan (?:i|we) afford|\bmonthly (?:payment|repayment|instal?ment)s? (?:be|on|"
    r"for|of)"
)
_INFO = (
    r"\b(?:does|do|must|should) my (?:partner|wife|husband|spouse)\b[^;]{0,12}\b(?:have|need) to\b|"
    r"(?:要不要|需不需要|用不用|是不是要)[^;]{0,10}(?:本人|到场|面签|担保|抵押|流水|社保|开户)|"
    r"\b(?:do|will|would) you (?:ever )?(?:lend|(?:do|run) an? (?:hard|soft|credit))|"
    r"\bwhat happens if i (?:miss|pay late|am late|can't|don't|default|die|lose)|"
    r"(?:利息|利率|年化|额度|手续费|费用|期限|条件|要求|门槛|材料|资料|流程|"
    r"费率)[^;]{0,6}(?:是)?(?:多少|怎么(?:算|样|收)|几|高不?高|什么|哪些|有吗|吗|如何|多久|"
    r"多长)|(?:需要|要|得)(?:准备|提供|带|交)?(?:什么|哪些|啥)(?:材料|资料|条件|手续|证件|"
    r"证明)?|怎么(?:申请|办理?|贷款?|借)(?!.{0,4}进度)|如何(?:申请|办理?|贷款)|"
    r"有没有[^,;]{0,12}(?:贷|产品)|(?:能|可以)(?:贷|办|申请|做|分|借)(?:多久|多长|"
    r"(?:几|多少)(?:年|期|个月))|多久(?:能|可以)?(?:放款|到账|下款|批)|有(?:哪些|什么)[^,;]{0,6}(?:贷|产品)|(?:支持|"
    r"接受)[^,;]{0,10}吗|(?:上|查)征信吗|首付(?:要|得|需要)?(?:几成|多少|比例)|最(?:高|多|长|短|"
    r"低)(?:额度|金额|期限|年限|能贷|可贷|能借|可以贷)[^,.;]{0,6}(?:多少|多久|几|多长)|"
    r"怎么(?:算|收|计)(?:利息|费|息)|(?:个体户|学生|退休|自由职业|外地人|农民|"
    r"没工作)[^,.;]{0,6}(?:能|可以)(?:贷|办|申请)|谁可以|什么人(?:能|可以)"
    r"|\b(?:what(?:'s| is| are)?\b[^;]{0,20}\b(?:interest|rates?|fees?|requirements?|criteria|"
    r"terms?|documents?|apr|eligib\w+|minimum|maximum|conditions|charges?|limits?|difference|"
    r"need(?:ed)? to apply|process)|how (?:do|does|can|to|long does|would|"
    r"long do)\b[^;]{0,14}\b(?:apply\w*|(?:a |the |your )?[a-z ]{0,12}(?:loans?|"
    r"mortgages?) work|get a (?:loan|mortgage)|it take|qualify|work|approval)|what documents|"
    r"do you (?:offer|have|do|provide|lend|charge|require|accept)|am i eligible|eligib\w+|"
    r"who (?:can|is eligible)|what (?:do|would|must) (?:i|we|you) (?:need|have|"
    r"require)[^;]{0,24}\b(?:qualify|get approved|apply|be "
    r"eligible|get a)|requirements|how long (?:do|must|should) (?:i|you) (?:need|have)|"
    r"(?:what|any) (?:late )?(?:fees?|penalt\w+|charges?)|minimum (?:income|deposit|age|time)|"
    r"can (?:a |an )?(?:students?|pensioners?|"
    r"retirees?|freelancers?|foreigners?|self[- ]employed|renters|someone)[^;]{0,20}\b(?:get|"
    r"apply|borrow|have)|what kinds? of loans?|"
    r"(?:do|will|would) (?:i|we) need an? (?:guarantor|co-?signer|deposit|account|job)|"
    r"guarantors?\b|"
    r"(?:pick|choose|change|set|move) (?:my|the|our)(?: own)? (?:repayment|payment|due) (?:date|"
    r"day)|"
    r"interest rates? (?:on|for)|current rates?|"
    r"rates? (?:today|now|these days))\b"
)
# General questions are about loans only where something of lending is named.
_INFO_GENERAL = (
    r"(?=.*(?:贷|息|款|率|额度|抵押|征信|分期|本金|lpr|随借随还|\b(?:loan|mortgage|rate|apr|"
    r"interest|ltv|"
    r"credit|repay|balloon|overdraft|equity|deposit|refinanc|collateral|amorti|finance|secured|"
    r"guarantor)))(?:什么是|什么叫|啥叫|什么意思|介绍|了解|咨询|解释|\b(?:tell me about|"
    r"explain|what does|"
    r"what's an?|what is an?|information (?:on|about)|how does|what do you mean)\b)"
)
_ACCOUNT = (
    r"余额|(?:账户|卡)(?:里|上)(?:还)?(?:有|剩)|(?:查|看|打印|导出)[^,.;]{0,6}(?:流水|账单|"
    r"明细|交易|还款记录|还款计划|账户|余额|卡)|(?:流水|账单|明细)[^,.;]{0,5}(?:查|看|发|在哪|"
    r"打印|多少)|还款日|(?:下|这)(?:一)?期(?:还|要还)|(?:还剩|剩余|还欠)(?:多少|几期|几个月)|"
    r"(?:哪天|几号|(?:什么|啥)时候|何时)(?:扣款|还款|要还|扣|出账)|(?:扣款|还款)(?:日|日期|时间)|"
    r"扣(?:了)?(?:我)?(?:多少|钱|款)|花了多少|最近的?(?:交易|消费|支出)|工资到(?:账)?了?(?:吗|"
    r"没)|欠(?:你们)?多少|上个?月(?:花|支出|消费)|卡号|开户行|交易记录|多少存款"
    r"|\b(?:balance(?! transfer)|statements?|transactions?|how much (?:is (?:in|left)|"
    r"do i (?:have|owe|still owe)|have i|did i spend|money (?:is|do i have))|account (?:number|"
    r"details|summary|activity|history)|direct debits?|spending|last (?:payment|transaction|"
    r"deposit)|when is my (?:next )?(?:payment|repayment|instal?lment|bill|loan payment)|"
    r"next (?:payment|repayment|instal?lment) (?:due|date)|due date|has my (?:salary|pay|wage|"
    r"payment|refund|paycheck)|remaining (?:balance|term)|how many (?:payments|instal?lments|"
    r"repayments) (?:are )?(?:left|remain)|my (?:account|card) (?:show|is|was|has)|"
    r"charged (?:me|twice)|recent (?:activity|payments|purchases)|what did i spend|"
    r"did my (?:salary|pay|wages?|rent|payment))\b"
)
_PAYMENT = (
    r"(?:转账?|汇款?|打款?)(?:个|给|到|[\d一二两三四五六七八九十百千万]|钱|$)|(?:给|向|"
    r"往)[^,.;不借]{1,6}(?:转|汇|打)(?:[\d一二两三四五六七八九十百千万个点账钱过])|(?:交|缴|"
    r"付)(?:一?下)?(?:水|电|燃气|话|物业|网|水电|煤气|宽带|暖气|停车)费?|充[^,.;]{0,6}话费|"
    r"充(?:话费|值|\d)|还信用卡(?:\d|账单|这期|本期|$)|发(?:个)?红包|扫码|收款码|代扣|付款给|"
    r"支付(?:给|\d)|信用卡还款"
    r"|\b(?:(?:transfer|send|wire|move|pay)\b(?! off| down| back| out|"
    r" it off)[^.;]{0,20}(?:\W\d|\d|dollars|grand|hundred|pounds|euros|money)[^.;]{0,20}\bto\b|"
    r"(?:transfer|send|wire)\b[^.;]{0,12}(?:\W?\d|money|cash)|pay (?:my |the |"
    r"an? )?(?:[a-z]+ )?(?:bill|rent to|electricity|water|gas|phone|landlord|council tax|"
    r"invoice|electric|internet|utility|credit card bill)\b(?!.*\b(?:loan|borrow)\b)|"
    r"make a (?:payment|transfer)|schedule a payment|set up a (?:standing order|payment|"
    r"direct debit|transfer)|top up my (?:phone|mobile)|split the bill|pay (?!back|off|you|it|"
    r"my|the|for|out|in|each|per|down|over|less|more)[a-z]+ \W?\d)"
)
_INVEST = (
    r"存(?=[\d一二两三四五六七八九十百]+[万千w块])[^;]{0,14}(?:利息|收益)|(?:放|存)(?:在|到)?(?:你们|银行|这里|这儿|这边|"
    r"余额)[^;]{0,14}(?:利息|收益|多少)|(?:存|"
    r"放)(?:一|三|五|两)?年"
    r"[^;]{0,8}利息|(?:有|手上有|手里有|手头|闲置)[^;]{0,8}(?:闲钱|余钱|存款)[^;]{0,12}|闲钱|"
    r"(?:买|推荐|做|"
    r"选|想买|了解)[^,.;借贷]{0,6}(?:理财|基金|国债|债券|存单|货基|余额宝|黄金|保本|"
    r"收益)(?!.{0,6}(?:借|贷))|(?:存|定期|活期)[^,.;]{0,8}(?:利率|利息|收益|多少|划算|一年|"
    r"三年|定期)|收益(?:率)?(?:高|多少|稳)|怎么(?:投资|理财)|钱生钱|定投|定期存款|大额存单|"
    r"存(?:个)?(?:定期|银行)|想投资|理财(?:产品)?"
    r"|\b(?:where(?:'s| is) (?:the )?(?:best|safest|smartest)(?: place)? (?:for|to (?:put|keep|"
    r"park|"
    r"stash|save|leave))|(?:buy|sell|into) (?:bonds|gilts|gold|treasur\w+)|"
    r"invest(?:ing|ment)?s?\b(?! property)|where (?:should|can|do) i (?:put|park|keep|"
    r"save) (?:my|some|\W?\d)|term deposits?|fixed deposits?|savings (?:account|rate|product)|"
    r"high[- ]yield|certificates? of deposit|cds?\b|mutual funds?|index funds?|"
    r"retirement (?:fund|plan|savings)|government bonds?|returns?|grow my (?:money|savings)|"
    r"spare cash|money market|portfolio|wealth|isa\b|save (?:money )?for|earn interest|"
    r"(?:sitting|lying)\b[^.;]{0,24}\b(?:account|bank|around|nothing)|"
    r"what (?:should|can|do) (?:i|we) do with (?:it|the money|the cash|that money)|isas\b|"
    r"(?:sitting|lying)\b[^.;]{0,24}\b(?:account|bank|around|doing nothing)|"
    r"idle (?:cash|money)|interest[^.;]{0,24}(?:savings|deposits?)|put \W?[\d,k]+ (?:into|in|"
    r"away))\b"
)
_CONFIRM = (
    r"^(?:嗯+|好+|好的|是|是的|对|对的|可以|行|没错|没问题|确认|确定|同意|就这样|就这个|ok|"
    r"okay|没错的?|好啊|好呀|要得|中|成|成交|办吧|就它了?|就这么办|嗯嗯|确认(?:无误|申请|提交|"
    r"一下)?|是我本人|选第[一二三]个|就选[^,.;]{0,6}|可以的|没毛病|继续|提交|"
    r"接受|就这么(?:着|定|说)|没意见|妥了?)(?:[,.!\s]*(?:的|吧|了|啦|就这样|没错|可以|确认|同意|办理?吧?|谢谢|好的|对|行|"
    r"提交吧?|继续|就这个|就这么(?:着|定|办|说)(?:了|吧)?|没意见))*[,.!~\s]*$"
    r"|^(?:yes|yep|yeah|yup|sure|ok|okay|correct|right|confirm(?:ed)?|i (?:confirm|agree|"
    r"accept)|agreed|accept(?:ed)?|go ahead|that'?s (?:right|correct|fine|it|the one)|"
    r"sounds good|looks good|looks right|proceed|do it|absolutely|of course|exactly|perfect|"
    r"all good|fine|please do|affirmative|let'?s (?:do it|go|go ahead|proceed)|"
    r"i'?ll take (?:it|that|the \w+(?: one)?)|great|yes please|submit(?: it)?|works for me|"
    r"deal)(?:[,.!\s]+(?:please|that'?s (?:right|correct|fine)|go ahead|i (?:confirm|agree|"
    r"accept)(?: (?:it|the terms|this))?|thanks?|thank you|yes|correct|proceed|do it|submit it|"
    r"with (?:it|that|the (?:first|second|cheapest) (?:one|plan|option))|sounds good|"
    r"confirm(?:ed)?|to (?:the|that|this)(?: \w+)?|it|the (?:terms|offer|first one|plan|"
    r"cheapest one|quote)|all good))*[.!\s]*$"
)
_CHITCHAT = (
    r"^(?:你好+|您好|hi|hello|hey|嗨|哈喽|在吗|在不在|早上好|早安?|晚上好|下午好|晚安|"
    r"谢谢(?:你|您|啦|了)?(?:帮(?:我|忙)|的?帮助|的?解答)?|多谢|感谢|辛苦了|再见|拜拜|88|哈哈+|"
    r"呵呵|厉害|不错|真棒|good (?:morning|afternoon|evening|day|night)|thanks?(?: (?:you|a lot|"
    r"so much|for[a-z ]+))?|thank you(?: (?:very much|so much))?|cheers|bye|goodbye|see (?:you|"
    r"ya)|howdy|lol|haha+|nice|cool|awesome|well done|hiya|yo|sup)(?:[,.!~\s呀啊呢哈]*(?:there|"
    r"你|您|啊|呀|今天|朋友|谢谢|再见|小助手|bot|assistant|mate|everyone|have a (?:good|"
    r"nice) day|for your help|very much|again|bye|hello|hi))*[,.!~?\s]*$|你(?:挺|真|好|太|"
    r"还挺)(?:的)?(?:聪明|厉害|可爱|有意思|专业|耐心|贴心|会说|逗|幽默)|你(?:是|叫)(?:谁|"
    r"什么(?:名字)?|机器人|真人|人工智能|ai|啥)|你(?:多大|今年(?:多大|几岁)|几岁|好吗|"
    r"会(?:做)?什么|能(?:做|干|帮我做)(?:什么|啥)|今天(?:怎么样|心情)|喜欢|吃了|累不累|"
    r"真(?:聪明|可爱|棒|厉害|好))|吃了吗|聊聊天|陪我聊|心情(?:不好|怎么样)|生日快乐|新年好|"
    r"节日快乐|天气真好"
    r"|\b(?:how are you|who are you|what(?:'s| is) your name|are you (?:a (?:bot|robot|human|"
    r"real person|person|machine)|human|real|an ai|there)|what can you (?:do|help)|how(?:'s|"
    r" is) it going|nice to meet you|you(?:'re| are) (?:great|awesome|funny|helpful|cute|smart|"
    r"the best|a star|so helpful|very helpful)|how old are you|do you (?:like|love|sleep|"
    r"have feelings)|happy (?:new year|birthday|holidays)|how(?:'s| is) your day|what's up|"
    r"who (?:made|built) you)\b"
)
_LOAN = (
    r"(?:想|要|需|能不能|可以|打算|准备|帮我|申请|急|求|给我|得|来|办)[^,;]{0,8}(?:借|贷)(?:款|"
    r"个|点|钱|[\d一二两三四五六七八九十百几])|借(?:个|点|款|我|钱|"
    r"[\d一二两三四五六七八九十百几])|贷(?:个|点|款\d|[\d一二两三四五六七八九十百几])|"
    r"差[^,;]{0,5}[\d一二两三四五六七八九十百]|缺(?:钱|口|"
    r"[^,;]{0,5}[\d一二两三四五六七八九十百])|周转|融资|首付|分期(?:买|付)?|按揭|"
    r"需要(?:一笔)?(?:钱|资金|贷款)|急(?:用|需)(?:钱|一笔|资金)|用钱|手头(?:有点|比较|很|"
    r"太)?紧|缺钱|资金(?:紧张|不足)"
    r"|\b(?:(?:need|want|like|looking|apply|get|take|request|seeking|give me|lend|after|"
    r"require|could use|can i (?:get|have)|help me)\b[^.;?]{0,36}\b(?:loan|borrow\w*|mortgage|"
    r"financ\w+|funds?|funding|credit|cash|money|advance|overdraft|grand|thousand|"
    r"\W?\d[\d,.]*k?\b)|borrow|lend me|(?:home|car|personal|business|student) loan (?:of|for)|"
    r"a loan|short (?:of )?\W?\d)\b"
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
        ("affordability", 2.0, _AFFORD_PLAIN),
        ("loan_info", 2.0, _INFO),
        ("loan_info", 2.0, _INFO_GENERAL),
        (
            "loan_info",
            2.0,
            r"\bdo you lend\b|\bwhat happens if i (?:miss|pay late|default)|要不要本人",
        ),
        ("account_query", 2.5, _ACCOUNT),
        (
            "account_query",
            3.0,
            r"(?:哪天|几号|何时)(?:扣|还)|还款日|\bwhen(?:'s| is) my (?:next )?(?:payment|"
            r"repayment|instal)",
        ),
        (
            "invest",
            4.0,
            r"存(?=[\d一二两三四五六七八九十百]+[万千w块])[^;]{0,14}(?:利息|收益)|"
            r"[放存](?:在|到)?(?:你们|银行|这里|这儿|这边)[^;]{0,14}(?:利息|收益|多少)",
        ),
        (
            "prepay",
            4.0,
            r"(?:那笔|房贷|按揭|贷款)[^,.;]{0,6}(?:缩短|少还)[\d一二两三四五六七八九十]+[年期个]",
        ),
        (
            "refinance",
            3.0,
            r"并成一?[笔个]|\b(?:combine|consolidate|merge|bundle|roll)\b[^.;]{0,24}\b(?:loans?|cards?|"
            r"debts?)\b",
        ),
        (
            "loan_compare",
            2.0,
            r"[和跟与][^;]{1,14}(?:区别|差别|不同|不一样)",
        ),
        ("loan_compare", 4.0, r"[跟和与][^;]{1,8}相?差(?:多少|几)"),
        ("application_status", 6.0, r"过没过|批没批|好没好|下没下|到没到"),
        ("payment", 3.0, _PAYMENT),
        ("invest", 3.0, _INVEST),
        (
            "invest",
            2.0,
            r"\binterest[^.;]{0,24}(?:savings|deposits?)|定期(?!还)|大额存单|活期|国债|余额宝|"
            r"\bterm deposit|\bsavings account",
        ),
        ("confirm", 12.0, _CONFIRM),
        ("chitchat", 8.0, _CHITCHAT),
        ("loan_request", 2.0, _LOAN),
    )
)
