"""A working week in which every button of the product is shown to somebody, and all that were shown are remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlmodel import select

from handlers import DESK
from models.messages import Card
from models.people import SINCE_EVER, Assignment, Staff, company, key
from rules.house import Keeping
from tests.company import PEOPLE
from tests.office import Office, Person

NOTICE = (
    "2027年放假安排⏎元旦：1月1日至3日放假，共3天。⏎春节：2月5日至13日放假调休，共9天。1月31日、2月14日上班。"
    "⏎国庆节：10月1日至7日放假调休，共7天。9月26日、10月9日上班。"
)
LIST = (
    "客户名称,层级,省份,城市,所属业务单位,责任业务员⏎甘肃金川镍业有限公司,一般,甘肃,金昌,西北销售一部,S01"
    "⏎咸阳远大密封件有限公司,一般,陕西,咸阳,西北销售一部,S01⏎兰州黄河机床厂,特级,甘肃,兰州,西北销售一部,S01"
)
WEEK = (
    """
ann   says     /log 华航橡胶 电话 昨天 谈了配方⏎飞翼制造 微信 昨天 报价已发⏎远大密封 走访
ann   presses  全部保存
ann   says     /log 华航橡胶 电话 刚才 王工 要停产整顿 后天再联系
ann   says     客户很着急
ann   presses  加到“内容”里
ann   presses  修改
ann   presses  对方电话
ann   presses  返回
ann   presses  修改
ann   presses  异常
ann   presses  是
ann   presses  保存
ann   presses  ＋ 存为联系人 王工
sales presses  无需上报
sales says     取消
ann   says     /log 飞翼制造 电话 今天8点 刘主任 说收到的密封圈开裂，先看看
ann   presses  保存
ann   says     /log{suspect}
ann   presses  全部保存
sales says     /due
sales says     疑似未报投诉
sales presses  非投诉
ann   says     /undo
ann   says     /log 华航橡胶
ann   says     取消
ann   says     /log
ann   says     申江液压
ann   presses  ＋ 新客户 申江液压
ann   says     上海
ann   presses  保存
sales presses  归新单位
sales says     西北先签约
sales presses  保存
ann   says     /newcustomer 甘肃华航橡胶有限公司
ann   presses  保存
ann   says     /newcustomer 陕西飞鹰制造
ann   presses  保存
ann   presses  仍新建：写明理由
ann   says     老板是两兄弟
ann   presses  保存
ann   says     /newcustomer 陕西星辰航空
ann   presses  保存
ann   says     今天天气不错
ann   presses  查客户
ann   presses  记沟通
ann   says     取消
ann   says     北斗仪表 昨天 电话 谈了价格
ann   presses  改一下
ann   says     取消
ann   says     北斗仪表 昨天 电话 谈了价格
ann   presses  不是客户
ann   says     取消
ann   says     华航橡胶 昨天 电话 胶管开裂
ann   presses  只是沟通，改记沟通
ann   presses  还是报投诉
ann   presses  只是沟通，改记沟通
ann   says     取消
ann   says     /log 华航橡胶 电话 昨天
ann   says     飞翼制造 微信 昨天 报价已发
ann   presses  另记一条
ann   says     取消
ann   says     /log 华航橡胶 电话 昨天
ann   says     飞翼制造 微信 昨天 报价已发
ann   presses  填进这张单
ann   says     取消
ann   sends    photo
ann   presses  记沟通
ann   says     取消
sales says     备案
sales presses  新客户：星辰航空
ann   says     /complain 飞翼制造
ann   says     取消
ann   says     /menu
ann   says     /me
ann   says     /rules
ann   says     /complain 华航橡胶 胶管开裂
ann   presses  保存
sales presses  指派
sales says     艾梅
sales presses  保存
head  says     /menu
head  says     /customers
head  presses  省份
head  presses  陕西省
head  presses  层级
head  presses  全部层级
head  presses  负责人
head  presses  全部负责人
sales says     客户名单
sales presses  单位
sales presses  全部单位
sales says     台账
sales presses  客户名单
head  says     /find 华航
head  presses  简报
head  presses  批示
head  presses  批示 1
head  says     请把样品寄给张工
head  says     后天
head  presses  保存
head  presses  批示 2
head  says     报价要先给我看
head  says     后天
head  presses  保存
ann   says     批示
ann   presses  确认收到
ann   presses  2 答复
ann   says     明白
ann   presses  保存
vp    says     /order 西北销售一部 下周五前把配方问题解决
vp    presses  保存
vp    says     督办
vp    says     /menu
vp    says     各单位
vp    presses  西北销售一部
head  says     通话表
head  says     /due
sec   says     /log 飞翼制造 电话 今天上午8点 刘主任 谈了扩产
sec   presses  保存
vp    says     /due
vp    presses  待确认代录
passes 20h
sales says     /menu
sales presses  未提交投诉
sales says     报送情况
sales presses  西北销售一部
sales says     台账
sales presses  沟通台账
sales presses  单位
sales says     沟通台账
sales presses  层级
logistics says /complain 远大密封 密封圈破损
logistics says 孙厂长
logistics presses 保存
ann   presses  转主管部门
ann   presses  无
ann   presses  保存
quality presses 定责任单位
quality presses 西北销售一部
quality says   后天
quality presses 保存
vp    presses  转办
vp    says     东方明
vp    presses  保存
east  says     审批
east  presses  第 1 件
east  presses  退回
east  says     请再核实
east  presses  保存
quality presses 定责任单位
quality presses 西北销售一部
quality says   后天
quality presses 保存
vp    says     /menu
vp    presses  待我审批
vp    presses  第 1 件
vp    presses  同意并写意见
vp    says     抓紧处理
vp    presses  保存
ann   says     /case 2
ann   presses  更多操作
ann   presses  返回
ann   presses  更多操作
ann   presses  中止计时
ann   presses  客户要求改期
ann   says     后天
ann   says     客户停产检修
ann   presses  保存
sales presses  同意
ann   says     /case 2
ann   presses  恢复计时
ann   presses  无
ann   presses  保存
head  says     /case 2
head  presses  更多操作
head  presses  征询部门
head  presses  储运公司
head  says     包装是否合格
head  presses  保存
logistics presses 答复
logistics says 合格
logistics presses 保存
ann   says     /case 2
ann   presses  更多操作
ann   presses  改类型
ann   presses  发运
ann   says     运输中压裂
ann   presses  保存
ann   says     /case 2
ann   presses  更多操作
ann   presses  改受理信息
ann   presses  否
ann   presses  是
ann   says     现场在兰州
ann   presses  保存
ann   says     /case 2
ann   presses  更多操作
ann   presses  延长报告间隔
ann   says     14
ann   says     客户书面同意
ann   presses  保存
ann   says     /case 2
ann   presses  更多操作
ann   presses  作废
ann   says     重复登记
ann   presses  保存
sales presses  同意
sales says     /case 2
sales presses  恢复办理
sales says     不是重复
sales presses  保存
amy   says     /case 1
amy   presses  更多操作
amy   presses  提出索赔
amy   says     2万
amy   says     张工来函
amy   presses  保存
amy   says     /case 1
amy   presses  更多操作
amy   presses  初估
amy   says     12万，收到律师函
amy   says     12万
amy   says     整批报废，收到律师函
amy   presses  保存
vp    says     /case 1
vp    presses  确认诉讼
vp    presses  办公会决定
vp    says     〔2026〕12号
vp    presses  刚才
vp    says     先行赔付
vp    presses  保存
sales presses  核定索赔
sales presses  退款
sales says     1万
sales says     按合同第八条
sales presses  保存
vp    presses  审批索赔核定
vp    presses  同意
gm    presses  同意
finance presses 结算
finance says   1万
finance presses 刚才
finance says   记字 0815
finance presses 保存
head  says     /case 1
head  presses  更多操作
head  presses  社会影响重大
head  says     省报记者已到现场
head  presses  保存
sales says     /case 1
sales presses  更多操作
sales presses  取消重大
sales says     只是传言
sales presses  保存
sales says     /case 1
sales presses  更多操作
sales presses  涉及诉讼
amy   presses  写进展
amy   says     样品已寄回
amy   presses  部门和客户
amy   presses  保存
amy   presses  已解决
amy   says     硫化时间不足
amy   says     已换货
amy   presses  保存
sales presses  客户确认
sales presses  是
sales presses  无
sales presses  保存
amy   presses  效果评价
amy   presses  有效
amy   says     没有再漏
amy   presses  保存
vp    says     /case 1
vp    presses  办公会决定
vp    says     〔2026〕13号
vp    presses  刚才
vp    says     由法务跟进
vp    presses  保存
sales presses  结案
sales says     客户已签字
sales presses  保存
sales says     /case 1
sales presses  受理单
sales presses  从头看经过
sales presses  下一页
auditor says  审计
ann   says     /report_concern 仓库账实不符
ann   sends    photo
ann   presses  举报
ann   presses  匿名
ann   presses  保存
ann   says     /report_concern
ann   presses  新的举报
ann   presses  申诉
ann   says     评比结果不公
ann   says     取消
auditor says  /menu
auditor presses 举报待受理 1
auditor presses JB-2026-0001
auditor presses 附件 1
auditor presses 受理
auditor presses 答复
auditor says  再等一等
auditor says  取消
auditor presses 答复
auditor says  正在核实
auditor presses 保存
auditor presses 下达整改通知
auditor presses 西北销售一部
auditor says  盘点三号库
auditor says  后天
auditor presses 保存
head  says     /tasks
auditor says  /finding
auditor says  /concerns
auditor presses JB-2026-0001
auditor presses 办结
auditor says  已盘点
auditor says  取消
auditor presses 办结
auditor says  都已盘点
auditor says  取消
auditor presses 办结
auditor says  已盘点，已整改
auditor presses 保存
auditor says  变更清单
admin says     状态
ann   says     /callback 华航橡胶 电话 刚才 王工 很满意 后天再联系
ann   says     取消
ann   says     /me
ann   presses  请假
ann   says     今天到周五
ann   presses  艾梅
ann   presses  保存
ann   says     /away
ann   presses  改时间、代理人
ann   presses  保存
amy   says     /away
ann   says     /away
ann   presses  再请一次假
ann   says     取消
ann   says     请假 明天 代理人 何建国
ann   presses  保存
ann   says     取消
ann   says     /away
ann   presses  提前结束
sleeps 33d
gm    says     /due
gm    presses  推荐客户
head  says     本单位
sales says     报送情况
sales presses  西北销售一部
sales says     /seal TS-2026-0001 期满
sales presses  保存
auditor says   封存
gm    says     /me
gm    presses  推送打码
ann   says     /complain 飞翼制造 接头断裂
ann   presses  保存
sleeps 60h
gm    says     /calendar
gm    says     /calendar {notice}
gm    presses  看变动的期限
gm    presses  两年走访 3
gm    presses  返回
gm    presses  返回
gm    presses  保存
gm    presses  看 2027 年
vp    says     /codename 远大机械 甲四 保密协议
vp    presses  保存
ann   says     /inquiry 华航橡胶 张工 问密封条能耐多少度
ann   presses  保存
ann   presses  约定日期
ann   says     试验后答复
ann   says     后天
ann   presses  保存
ann   presses  约定日期
ann   says     等第二批试样
ann   says     下周三
ann   says     客户同意
ann   presses  保存
ann   presses  转交
ann   says     艾梅
ann   presses  保存
passes 3h
amy   presses  退回
amy   says     不归我管
amy   presses  保存
ann   says     /inquiry
ann   presses  ZX-2026-0001
ann   presses  转交
ann   says     艾梅
ann   presses  保存
amy   presses  接收
amy   presses  转告姓名电话
amy   says     肖红
amy   says     029-88880000
amy   presses  保存
ann   says     /inquiry 飞翼制造 刘主任 问密封圈怎么开裂
ann   presses  保存
ann   presses  答复
ann   says     取消
ann   presses  转为投诉
ann   presses  保存
ann   presses  详情
ann   presses  看咨询单
ann   says     /file 远大密封
ann   presses  ＋ 客户类型
ann   presses  服务商
ann   presses  保存
ann   presses  ＋ 营业执照
ann   sends    photo
ann   presses  长期有效
ann   presses  保存
ann   presses  🔒 证照和账户
ann   presses  看营业执照附件 1
ann   presses  看完了，删除
ann   says     /file 华航橡胶
ann   presses  ＋ 生产情况
ann   says     张工管两台密炼机
ann   presses  保存
ann   presses  ＋ 资信情况
ann   says     华航橡胶AA级
ann   presses  保存
ann   presses  ＋ 信用代码
ann   says     取消
ann   presses  🔒 资信情况
ann   presses  谁看过
ann   presses  导出 Excel
ann   presses  修改档案
ann   presses  联系人生日、离职
ann   presses  第 1 人
ann   presses  记生日
ann   says     1971-03-02
ann   presses  保存
ann   presses  改职务
ann   says     技术总监
ann   presses  保存
ann   presses  标为已离职
ann   presses  修改档案
ann   presses  核对无误
ann   presses  🔒 修改记录
head  says     /file 飞翼制造
head  presses  ＋ 专管员
head  says     艾梅
head  presses  保存
bob   says     /file 海润轮胎
bob   presses  ＋ 发展记录
bob   says     有意向试用
bob   presses  保存
finance says   /file 飞翼制造
finance presses 申请查阅档案
finance presses 全部档案
finance says   核对账户
finance presses 保存
sales presses  同意
finance presses 🔒 基本档案
sleeps 10d
head  presses  问题台账
head  presses  写整理分析
head  says     主要是硫化工艺，已调整
head  presses  保存
head  says     /menu
head  presses  邀请同事
head  presses  辛仁（S97）
head  presses  保存
head  says     /hand_over 艾梅 安然
head  presses  保存
head  presses  交回
admin says     /leave_company 艾梅
admin presses  先分开交接
admin says     取消
admin says     /leave_company 沈明
admin presses  保存
gm    presses  不同意
admin lists    {list}
admin presses  改列
admin presses  城市 ← 城市
admin presses  返回
admin presses  返回
admin presses  名称相近
admin presses  返回
admin begins   ✅ 导入
sales says     /merge 远大密封 金川镍业 重复建档
sales presses  保存
sales presses  客户卡
sales presses  合并记录
head  says     导出 全部
head  presses  保存
bob   says     /file 海润轮胎
bob   presses  修改档案
bob   presses  改名称
bob   says     青岛海润橡胶有限公司
bob   presses  保存
bob   presses  修改档案
bob   presses  改所在地
bob   says     甘肃
bob   says     天水市
bob   presses  保存
sales says     /menu
sales presses  待备案
sales presses  变更：海润轮胎
sales presses  退回
sales says     请附执照
sales presses  保存
bob   says     /menu
bob   presses  退回的备案
bob   presses  变更：海润轮胎
bob   presses  改档案
bob   says     /menu
bob   presses  退回的备案
bob   presses  变更：海润轮胎
bob   presses  说明后重报
bob   says     执照已换
bob   presses  保存
sales says     备案
sales presses  本页全部备案
sales says     /report
sales presses  备案台账
sales presses  状态
sales presses  已办
sales presses  类别
sales presses  变更
sales presses  单位
sales presses  全部单位
sales presses  本周
sales presses  导出 Excel
head  says     转交
head  presses  层级
head  presses  不限
head  presses  全选
head  presses  清空
head  presses  ☐
head  presses  更多
head  presses  ✅ 选好了
head  presses  鲍博
head  presses  保存
head  presses  撤回
bob   says     /find 海润轮胎
bob   presses  转交
bob   presses  安然
bob   presses  保存
east  says     /menu
east  presses  待同意的转交
east  presses  1 家
east  presses  同意转出
ann   presses  不同意
ann   says     总部没有迁
ann   presses  保存
""".replace("{suspect}", "⏎华航橡胶 电话 今天8点 说有一批开裂" * 9)
    .replace("{notice}", NOTICE)
    .replace("{list}", LIST)
)
"""`⏎` begins a new line of the same message."""


@dataclass(frozen=True)
class Shown:
    """A button that somebody was shown: what it does, with its arguments as JSON."""

    who: str
    deed: str
    args: str


class Walk:
    """Goes through the week and looks at every card after every step."""

    def __init__(self, office: Office, week: str = WEEK) -> None:
        self.office, self.week = office, week
        office.lives_by(replace(office.house, keeping=Keeping(seal_after_years=0)))
        self.people = {name: office.person(name) for name in PEOPLE} | {"sec": _secretary(office)}
        _not_enrolled(office)
        self.chats = {person.user: name for name, person in self.people.items()}
        self.shown: dict[Shown, None] = {}
        self._seen: dict[int, int] = {}

    async def goes(self) -> None:
        for line in self.week.strip().splitlines():
            who, verb, *rest = line.split(maxsplit=2)
            if who in ("passes", "sleeps"):
                await getattr(self.office, who)(verb)
            elif verb == "lists":
                await self.people[who].sends(
                    "document", "清单.csv", rest[0].replace("⏎", "\n").encode(), mime="text/csv"
                )
            elif verb == "begins":
                await self._begins(self.people[who], rest[0])
            else:
                await getattr(self.people[who], verb)(rest[0].replace("⏎", "\n"))
            self._look()
        for name in ("head", "sales", "auditor", "admin"):
            for command in DESK.commands:
                await self.people[name].says(f"/{command}")
                self._look()

    async def _begins(self, who: Person, label: str) -> None:
        """A press, looked at before what goes on by itself has ended."""
        bubble, data = who._button(label)
        self.office.telegram.presses(who.user, bubble.id, data)
        await self.office.service.receiver.poll(self.office.clock.now(), 0)
        await self.office.service.worker.step(self.office.clock.now())
        self._look()
        await self.office.service.settle()

    def _look(self) -> None:
        with self.office.read() as session:
            for number, version in session.exec(select(Card.id, Card.version)).all():
                if number is not None and self._seen.get(number) != version:
                    self._seen[number] = version
                    self._remember(session.get_one(Card, number))

    def _remember(self, card: Card) -> None:
        for each in card.buttons:
            args = json.dumps(each["args"], sort_keys=True, ensure_ascii=False)
            self.shown[Shown(self.chats[card.chat_id], each["do"], args)] = None


def _not_enrolled(office: Office) -> None:
    with office.store.write() as session:
        session.add(staff := Staff(number="S97", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=key(staff), role="salesperson", unit_id=2, starts=SINCE_EVER))


def _secretary(office: Office) -> Person:
    """In the company's office, with the vice president as superior."""
    office.telegram.person(1071, "林晓")
    with office.store.write() as session:
        leader = session.exec(select(Staff).where(Staff.number == PEOPLE["vp"][0])).one()
        staff = Staff(number="M01", name="林晓", telegram_id=1071, superior_id=leader.id)
        session.add(staff)
        session.flush()
        session.add(Assignment(staff_id=key(staff), role="secretary", unit_id=key(company(session)), starts=SINCE_EVER))
    return Person(office, "sec", 1071)
