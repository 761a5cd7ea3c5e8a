"""Why: the names that the invented borough uses, written by hand for it, by naming tradition.

Lists run from common to rare; how steeply the use falls is decided in `names`. Must never hold a list taken
from a register of real people.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """A naming tradition: who bears it, which names it uses, and what marriage and birth do to a surname."""

    name: str
    share: float
    ethnic: str
    """Code of the 2021 census groups; see `people.ETHNIC_GROUPS`."""
    female: str
    male: str
    surnames: str
    stems: str = ""
    ends: str = ""
    """Stems and ends are joined into the long tail of rarer surnames."""
    takes_name: float = 0.6
    """Share of wives who take the husband's surname."""
    female_surnames: str = ""
    """Surnames that women bear whatever their father's is."""
    child_rule: str = "father"
    """'father': the father's surname; 'given': the father's father's given name, as in Somali names."""
    older_female: str = ""
    older_male: str = ""
    religion: str = "None"


CULTURES: tuple[Culture, ...] = (
    Culture(
        "british",
        0.455,
        "WB",
        female="Olivia Amelia Isla Ava Emily Lily Sophie Grace Jessica Chloe Ella Evie Poppy Freya "
        "Charlotte Daisy Phoebe Alice Millie Ruby Lucy Holly Megan Amy Lauren Bethany Georgia "
        "Rebecca Hannah Abigail Eleanor Rosie Matilda Imogen Molly Florence Erin Katie Zoe Niamh "
        "Maisie Harriet Elsie Esme Thea Martha Robyn Faith Skye Ivy Willow Bonnie Darcey Nancy "
        "Lottie Tilly Eliza Summer Amber Jasmine Lexi Paige Courtney Leah Ellie",
        male="Oliver Jack Harry George Noah Charlie Jacob Alfie Thomas Joshua William James Daniel "
        "Samuel Joseph Leo Oscar Henry Archie Ethan Max Logan Lucas Benjamin Isaac Dylan "
        "Alexander Edward Freddie Finley Adam Liam Callum Ryan Jake Connor Kieran Luke Nathan "
        "Matthew Reece Aaron Tyler Jayden Kyle Toby Theo Louis Arthur Stanley Albie Ralph Rory "
        "Elliot Zachary Harvey Riley Bobby Frankie Reggie Sonny Jude Felix Hugo Ellis",
        older_female="Susan Margaret Patricia Christine Julie Karen Jacqueline Linda Carol Elizabeth Janet "
        "Deborah Barbara Tracey Angela Mary Jean Sharon Maureen Sandra Pauline Lesley Jane Anne "
        "Alison Michelle Gillian Dawn Sheila Joan Doreen Brenda Dorothy Sylvia Marjorie Hilda "
        "Joyce Irene Valerie Kathleen Shirley Beryl Lorraine Donna Debra Paula Nicola Lisa Amanda "
        "Claire Sarah Joanne Samantha Louise Kerry Rachel Wendy",
        older_male="David John Michael Peter Paul Robert Stephen Alan Brian Andrew Kevin Christopher Ian "
        "Mark Anthony Philip Graham Keith Derek Kenneth Raymond Geoffrey Barry Roger Colin Dennis "
        "Gordon Trevor Malcolm Neil Simon Gary Terence Roy Eric Ronald Leslie Norman Ernest "
        "Harold Stuart Martin Nigel Steven Jonathan Craig Lee Darren Wayne Carl Dean Jason Adrian "
        "Timothy Douglas Frank Victor Clifford Gerald Donald Leonard",
        surnames="Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
        "Walker White Roberts Green Hall Wood Jackson Clarke Hill Harris Lewis Cooper Ward Turner "
        "Martin Morris Moore Baker Parker Edwards Collins Bennett Shaw Allen Cook Carter Bell "
        "Bailey Richardson Marshall Webb Simpson Barker Holmes Mason Hunt Palmer Rogers Dixon "
        "Chapman Mills Knight Butler Barnes Harvey Pearson Fletcher Gibson Howard Andrews Elliott "
        "Reynolds Ford Fox West Day Brooks Price Lane Stone Booth Spencer Hughes Griffiths",
        stems="Ash Birch Brad Bram Brough Clay Copp Crav Dar Ded Ell Fair Far Green Hal Harg Hart Haz "
        "Hey Holl Horn Kear Kirk Lang Lin Long Mal Mar Mid New Nor Oak Os Pen Pick Rad Raw Red "
        "Rip Row Rush Sed Shel Stan Sut Thorn Tun Wad Wal Wes Whit Win Wol Wyn Yar Ald Bent Cald "
        "Drax Hor",
        ends="ley worth ton ford ham wick by stead field well bourne combe shaw den low croft bridge son ridge gate",
        takes_name=0.72,
        religion="Christian",
    ),
    Culture(
        "irish",
        0.03,
        "WI",
        female="Aoife Niamh Ciara Sinead Siobhan Bridget Maeve Orla Roisin Caoimhe Mary Noreen Grainne "
        "Deirdre Clodagh Fionnuala Eimear Nuala Una Teresa",
        male="Sean Patrick Liam Conor Padraig Eoin Declan Brendan Cormac Michael Kieran Cathal Fergal "
        "Aidan Donal Diarmuid Colm Rory Niall Eamonn",
        surnames="Murphy Kelly O'Sullivan Walsh O'Brien Byrne Ryan O'Connor O'Neill O'Reilly Doyle "
        "McCarthy Gallagher Doherty Kennedy Lynch Murray Quinn McLoughlin O'Carroll Connolly Daly "
        "O'Connell Wilson Dunne Brennan Burke McGinty O'Dowd MacMahon Fitzgerald Nolan Keane "
        "McGrath Flanagan O'Hara Scanlon Tierney Mulcahy",
        takes_name=0.7,
        religion="Christian",
    ),
    Culture(
        "caribbean",
        0.03,
        "BC",
        female="Shanice Marcia Natalie Jasmine Keisha Beverley Tiana Naomi Yvonne Chantelle Destiny "
        "Alicia Monique Gloria Sonia Ebony Kayla Renee Hyacinth Merlene",
        male="Marcus Jermaine Leroy Dwayne Tyrone Jerome Andre Winston Kemar Omari Curtis Devon "
        "Malachi Reuben Nathan Delroy Clive Errol Shaquille Isaiah",
        surnames="Campbell Brown Williams Francis Grant Gordon Reid Bailey Thomas Clarke Lewis Henry "
        "Morgan Richards Samuels Powell Bennett Wright Facey Blake Pinnock Dacosta Bogle Sinclair "
        "Hylton",
        takes_name=0.5,
        religion="Christian",
    ),
    Culture(
        "pakistani",
        0.11,
        "AP",
        female="Aisha Fatima Zainab Maryam Sana Amina Saima Nadia Hafsa Iqra Rukhsana Shazia Samina "
        "Nasreen Farzana Khadija Sumaira Noor Mehreen Bushra Anum Hira Rabia Tahira Zara Uzma "
        "Kiran Sadia Asma Huma",
        male="Mohammed Muhammad Ahmed Ali Hassan Hamza Usman Imran Asif Bilal Adnan Tariq Zain Yusuf "
        "Ibrahim Faisal Shahid Nadeem Kashif Waqas Haroon Umar Sajid Rashid Kamran Arshad Tahir "
        "Zubair Junaid Khalid",
        surnames="Khan Hussain Ahmed Ali Malik Shah Iqbal Mahmood Akhtar Mirza Aslam Raza Chaudhry Butt "
        "Qureshi Rehman Sheikh Ashraf Javed Saleem Anwar Siddique Yaqoob Bashir Rafiq Aziz Zaman "
        "Riaz Nawaz Farooq",
        takes_name=0.35,
        female_surnames="Begum Bibi Akhtar Kausar Parveen Kauser",
        religion="Muslim",
    ),
    Culture(
        "bangladeshi",
        0.04,
        "AB",
        female="Fatema Nusrat Taslima Rahima Shahana Jannat Sumaiya Rehana Sultana Nazma Maliha Farhana "
        "Ayesha Rumena Salma Tahmina Halima Sabina Lubna Momtaz",
        male="Mohammed Abdul Md Shah Kamal Jamal Rahim Tanvir Rafiqul Anwar Shofiqul Habib Nurul Sayed "
        "Tarek Faruk Masud Mizan Ruhul Shahin",
        surnames="Miah Uddin Ali Islam Rahman Hussain Ahmed Hoque Chowdhury Khan Alam Hossain Choudhury "
        "Karim Malik Ullah Talukder Sarkar Bhuiyan Kabir",
        takes_name=0.2,
        female_surnames="Begum Khatun Khanom Bibi Akter",
        religion="Muslim",
    ),
    Culture(
        "indian",
        0.045,
        "AI",
        female="Priya Anjali Pooja Neha Kavita Sunita Meena Divya Shreya Nisha Anita Rekha Deepa Hetal "
        "Jaya Riya Aarti Lakshmi Geeta Bhavna",
        male="Raj Amit Sanjay Rahul Vijay Anil Nikhil Rohan Suresh Dinesh Arjun Kiran Vikram Ajay "
        "Manish Hitesh Bharat Prakash Aarav Dev",
        surnames="Patel Shah Kumar Sharma Mistry Desai Joshi Parmar Mehta Chauhan Gupta Reddy Nair Rao "
        "Thakkar Solanki Lad Bhatt Verma Iyer Menon Pillai",
        takes_name=0.75,
        religion="Hindu",
    ),
    Culture(
        "sikh",
        0.015,
        "AI",
        female="Jasleen Harpreet Manpreet Simran Gurpreet Navdeep Kuldip Amrit Baljit Rupinder",
        male="Gurpreet Harjit Manjit Amrit Jaspal Balwinder Sukhdev Rajinder Kuldip Navdeep",
        surnames="Singh Gill Dhillon Sandhu Sidhu Grewal Bains Sahota Atwal Johal Mann",
        takes_name=0.3,
        female_surnames="Kaur",
        religion="Sikh",
    ),
    Culture(
        "nigerian",
        0.045,
        "BA",
        female="Blessing Chioma Ngozi Folake Adaeze Funmilayo Grace Temitope Amarachi Yetunde Ifeoma "
        "Titilayo Esther Oluwakemi Chiamaka Peace Mercy Simisola Nkechi Tolulope",
        male="Emmanuel Chukwuemeka Tunde Emeka Daniel Oluwaseun Samuel Ikenna David Babatunde Obinna "
        "Kelechi Femi Chinedu Ayodele Segun Uche Kunle Victor Tobi",
        surnames="Okafor Adeyemi Okonkwo Balogun Eze Ogunleye Nwosu Adebayo Okeke Afolabi Obi Olawale Ibe "
        "Akinola Onyeka Bello Nnamdi Lawal",
        stems="Ade Olu Ogun Akin Ola Ayo Oye",
        ends="bayo yemi wale dele sola kunle toye biyi leke mola",
        takes_name=0.75,
        religion="Christian",
    ),
    Culture(
        "ghanaian",
        0.02,
        "BA",
        female="Akosua Ama Abena Efua Adwoa Esi Afia Gifty Comfort Patience Mavis Naana Vida Felicia",
        male="Kwame Kofi Kwabena Yaw Kwaku Kojo Kwasi Ebenezer Isaac Nana Fiifi Prince Desmond Bernard",
        surnames="Mensah Owusu Boateng Osei Asante Appiah Agyeman Amoah Annan Opoku Ofori Darko Frimpong "
        "Antwi Adjei Sarpong",
        takes_name=0.6,
        religion="Christian",
    ),
    Culture(
        "somali",
        0.025,
        "BA",
        female="Hodan Amina Fadumo Ayaan Hibo Sahra Halimo Ifrah Nimo Sagal Deeqa Khadra Ruqiya Zahra Idil",
        male="Abdi Mohamed Ahmed Hassan Abdirahman Yusuf Ismail Omar Ali Abdullahi Jama Farah Mahad "
        "Liban Guled Warsame",
        surnames="Mohamed Ali Hassan Abdi Ahmed Yusuf Omar Farah Jama Ismail Warsame Hersi Osman Adan Nur",
        takes_name=0.0,
        child_rule="given",
        religion="Muslim",
    ),
    Culture(
        "polish",
        0.045,
        "WO",
        female="Anna Katarzyna Małgorzata Agnieszka Zofia Julia Magdalena Joanna Ewa Aleksandra Maja "
        "Hanna Monika Zuzanna Beata Dorota Kinga Bożena Wiktoria Oliwia",
        male="Piotr Krzysztof Tomasz Jakub Andrzej Łukasz Marcin Paweł Michał Kamil Jan Antoni Szymon "
        "Mateusz Wojciech Bartosz Sławomir Dawid Zbigniew Filip",
        surnames="Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak "
        "Kozłowski Mazur Jankowski Kwiatkowski Krawczyk Piotrowski Grabowski Pawłowski Dudek "
        "Wróbel Górski Zając Król Sikora",
        stems="Bor Sad Lip Jawor Kalin Brzez Dąbr Ostr Wierz Zawad",
        ends="owski ecki iński nicki",
        takes_name=0.8,
        religion="Christian",
    ),
    Culture(
        "romanian",
        0.02,
        "WO",
        female="Maria Elena Andreea Ioana Mihaela Cristina Alexandra Gabriela Raluca Daniela Ștefania Bianca",
        male="Andrei Ion Mihai Alexandru Florin Cristian Gheorghe Ionuț Bogdan Marius Răzvan Vlad",
        surnames="Popescu Ionescu Popa Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Munteanu Rusu Lungu "
        "Constantin Şerban Moldovan",
        takes_name=0.75,
        religion="Christian",
    ),
    Culture(
        "chinese",
        0.02,
        "AC",
        female="Xiaoling Mei Yan Li Jing Xiaomei Ying Hui Yuting Fang Qian Lan Jiayi Xinyi",
        male="Wei Jun Ming Jian Xiaoming Hao Lei Yong Zhiwei Tao Bo Haoran Zihan Gang",
        surnames="Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo Lin He Gao Luo",
        takes_name=0.05,
    ),
    Culture(
        "hong_kong",
        0.015,
        "AC",
        female="Wing Ka-Yan Siu-Ling Mei-Ling Hoi-Yan Yuen Pui-Shan Wai-Yee Lai-Kuen Tsz-Ching",
        male="Ka-Ho Chi-Wai Wing Siu-Ming Kwok-Keung Tsz-Hin Man-Fai Wai-Kit Chun-Yin Ho-Yin",
        surnames="Chan Wong Lee Cheung Lau Ng Leung Ho Yeung Tang Lam Kwok Tsang Fung Mak Yip",
        takes_name=0.1,
    ),
    Culture(
        "arabic",
        0.035,
        "AR",
        female="Layla Mariam Fatima Noura Huda Salma Rania Hanan Amal Sara Yasmin Zeinab Khadija Dina Rasha",
        male="Mohamed Ahmed Omar Youssef Khaled Mahmoud Hussein Tariq Karim Abdullah Ibrahim Mustafa "
        "Hassan Samir Bashar",
        surnames="Al-Hassan El-Sayed Hassan Al-Masri Haddad Saleh Al-Jabouri Ibrahim Mansour Al-Ahmad "
        "Khalil Nasser El-Amin Al-Rashid Darwish Hamdan Osman Abdulrahman",
        takes_name=0.05,
        religion="Muslim",
    ),
    Culture(
        "kurdish",
        0.015,
        "OT",
        female="Shilan Nasrin Rojin Parwin Avin Tara Leila Maryam Soma Hana",
        male="Karwan Rebwar Azad Hiwa Dilshad Ali Reza Shwan Soran Omid",
        surnames="Rahimi Karimi Aziz Hosseini Ahmadi Mohammadi Rostami Salih Qadir Hama Barzani Amin",
        takes_name=0.1,
        religion="Muslim",
    ),
    Culture(
        "portuguese",
        0.015,
        "WO",
        female="Maria Ana Beatriz Inês Sofia Mariana Conceição Carla Catarina Lúcia",
        male="João José António Miguel Rui Pedro Luís Tiago Nuno Gonçalo",
        surnames="Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Fernandes Gonçalves Gomes "
        "Lopes Alves Ribeiro Araújo Conceição",
        takes_name=0.4,
        religion="Christian",
    ),
    Culture(
        "traveller",
        0.005,
        "WG",
        female="Margaret Bridget Kathleen Mary Chantelle Shannon Philomena Violet",
        male="Patrick John Michael Martin Jimmy Tommy Miley Levi",
        surnames="Ward Connors McDonagh Doran Joyce Quilligan Stokes Maughan Cash Price",
        takes_name=0.9,
        religion="Christian",
    ),
    Culture(
        "vietnamese",
        0.005,
        "AO",
        female="Linh Lan Huong Thuy Mai Phuong Trang Hoa",
        male="Minh Hung Tuan Duc Long Nam Quang Hieu",
        surnames="Nguyen Tran Le Pham Hoang Vu Dang Bui Do",
        takes_name=0.05,
        religion="Buddhist",
    ),
    Culture(
        "new_african",
        0.015,
        "BA",
        female="Selam Hiwot Almaz Tigist Rahel Tendai Rutendo Nyasha Precious Mariama",
        male="Dawit Yonas Tesfaye Abebe Tinashe Tatenda Simba Farai Lamin Ousman",
        surnames="Tesfaye Haile Tekle Bekele Moyo Ncube Sibanda Dube Ceesay Jallow Kamara Sesay Conteh",
        takes_name=0.2,
        religion="Christian",
    ),
)
